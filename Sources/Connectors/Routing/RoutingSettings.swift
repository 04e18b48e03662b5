public import OTTL
public import Pipeline
public import Settings

extension RoutingConnector {
    /// The keys of the connector.
    public struct Configuration: SettingGroup {
        public var defaultPipelines: [PipelineID] = []
        public var errorMode = ErrorMode.ignore
        public var table: [Route] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "default_pipelines", \.defaultPipelines,
                "Where telemetry goes that no route takes; without them it ends here."),
            Field(
                "error_mode", \.errorMode,
                "What happens when a condition fails: it does not hold (ignore, and silent without a log "
                    + "line), or the batch is refused (propagate)."),
            Field("table", \.table, "The routes, which are asked one after the other.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            },
            .unsupported("match_once", "it was removed; write action: copy in routes that are not the last"),
        ]

        public func check() -> [Problem] { RouteChecks(self).problems }
    }

    /// What a condition is about.
    public enum RouteContext: String, SettingChoice {
        case resource, span, metric, datapoint, log, request, otelcol
    }

    /// What becomes of telemetry that a route takes.
    public enum RouteAction: String, SettingChoice {
        /// It goes to the pipelines of the route and nowhere else.
        case move
        /// It also goes on to the routes after this one.
        case copy
    }

    /// One row of the table.
    public struct Route: SettingGroup {
        public var context: RouteContext?
        public var condition: StatementSource?
        public var statement: StatementSource?
        public var pipelines: [PipelineID] = []
        public var action = RouteAction.move

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "context", \.context,
                "What the condition is about: resources, spans, metrics, datapoints, logs, or a request and "
                    + "its sender (request, otelcol). Default: what its paths say, otherwise the resource."),
            Field(
                "condition", \.condition,
                "What has to hold, in the OpenTelemetry Transformation Language; for requests "
                    + "request[\"header\"] == \"value\" or !=."),
            Field(
                "statement", \.statement,
                "Instead of a condition: route() where it holds, or delete_key and delete_matching_keys."),
            Field(
                "pipelines", \.pipelines,
                "Where it goes: pipelines with this connector among their receivers.", required: true
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field("action", \.action, "Whether routes after this one see it too: move (no) or copy (yes)."),
        ]

        /// The condition or statement.
        var source: StatementSource? { condition ?? statement }
    }
}
