/// How a page is written for one scraper.
public struct PageFormat: Sendable, Hashable {
    /// The syntax, with its version.
    public enum Syntax: Sendable, Hashable {
        case text004, text100, openMetrics001, openMetrics100, protobuf

        /// Whether it is one of the versions of OpenMetrics.
        public var isOpenMetrics: Bool { self == .openMetrics001 || self == .openMetrics100 }

        fileprivate var mediaType: String {
            switch self {
            case .text004: "text/plain; version=0.0.4; charset=utf-8"
            case .text100: "text/plain; version=1.0.0; charset=utf-8"
            case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8"
            case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            case .protobuf:
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }

    public let syntax: Syntax
    public let escaping: NameEscaping

    public init(_ syntax: Syntax, _ escaping: NameEscaping = .underscores) {
        self.syntax = syntax
        self.escaping = escaping
    }

    /// The value of `content-type`.
    public var contentType: String { "\(syntax.mediaType); escaping=\(escaping.rawValue)" }

    /// The format that a scraper likes best of those that there are; version 0.0.4 of the text format when
    /// there is nothing else.
    ///
    /// - Parameters:
    ///   - accept: the value of the header field; anything that is not understood is passed over.
    ///   - allowsOpenMetrics: whether OpenMetrics is one of them.
    public init(accept: String, allowsOpenMetrics: Bool) {
        let clauses = accept.split(separator: ",").prefix(64).map { Clause($0) }
        let byWeight = clauses.enumerated().sorted { left, right in
            let (first, second) = (left.element.weight, right.element.weight)
            return first == second ? left.offset < right.offset : first > second
        }
        for (_, clause) in byWeight where clause.weight > 0 {
            guard let syntax = clause.syntax, allowsOpenMetrics || !syntax.isOpenMetrics else { continue }
            self.init(syntax, clause.parameters["escaping"].flatMap(NameEscaping.init) ?? .underscores)
            return
        }
        self.init(.text004)
    }

    /// One of the types that a scraper takes.
    private struct Clause {
        let type: String
        let parameters: [String: String]

        init(_ text: Substring) {
            let parts = text.split(separator: ";").map { String($0).trimming(" ").lowercased() }
            type = parts.first ?? ""
            var parameters: [String: String] = [:]
            for part in parts.dropFirst() {
                let halves = part.split(separator: "=", maxSplits: 1)
                guard halves.count == 2 else { continue }
                parameters[String(halves[0]).trimming(" ")] =
                    String(halves[1]).trimming(" ").trimming("\"")
            }
            self.parameters = parameters
        }

        var weight: Double {
            guard let text = parameters["q"] else { return 1 }
            guard let weight = Double(text), !weight.isNaN else { return 0 }
            return weight
        }

        var syntax: Syntax? {
            let version = parameters["version"] ?? ""
            switch (type, version) {
            case ("text/plain", ""), ("text/plain", "0.0.4"): return .text004
            case ("text/plain", "1.0.0"): return .text100
            case ("application/openmetrics-text", ""), ("application/openmetrics-text", "0.0.1"):
                return .openMetrics001
            case ("application/openmetrics-text", "1.0.0"): return .openMetrics100
            case ("application/vnd.google.protobuf", _):
                let isOurs = parameters["proto"] == "io.prometheus.client.metricfamily"
                return isOurs && parameters["encoding"] == "delimited" ? .protobuf : nil
            default: return nil
            }
        }
    }
}
