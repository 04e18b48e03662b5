internal import Logging
internal import Pipeline
internal import Settings
internal import Telemetry

/// A processor whose settings are known, ready to be built once per pipeline and lane.
struct ConfiguredStep: Sendable {
    /// Where a step will stand.
    struct Place {
        let next: any Sink
        let lane: Lane
        let ledger: StepLedger
        let pipeline: PipelineID
        let drops: DropLog
    }

    let type: any Holder.Type
    /// The settings with every default and with secrets, to find out whether they have changed.
    let settings: Tree?
    /// Builds the step without a place, to find out whether its settings can work.
    let probe: @Sendable (Context) throws(ComponentError) -> Void
    let make: @Sendable (Context, Place) throws(ComponentError) -> any StepSink
    /// What is wrong with the settings in pipelines for a signal.
    let problems: @Sendable (Signal) -> [Problem]

    init<Step: Holder>(_ type: Step.Type, _ configuration: Step.Configuration) {
        self.type = type
        settings = configuration.tree(.revealed)
        probe = { (context) throws(ComponentError) in _ = try Step(configuration, in: context) }
        problems = { Step.problems(of: configuration, for: $0) }
        make = { (context, place) throws(ComponentError) in
            let step = try Step(configuration, in: context.within(place.pipeline))
            return StepNode(
                step, next: place.next, lane: place.lane, clock: context.clock, ledger: place.ledger,
                logger: context.logger, pipeline: place.pipeline,
                dropped: { [drops = place.drops, id = context.id] in drops.note($0, .processor, id) })
        }
    }
}

/// A connector whose settings are known, ready to be built once per incoming signal and lane.
struct ConfiguredConnector: Sendable {
    /// Where a connector will stand.
    struct Place {
        let outlets: ConnectorOutlets
        let lane: Lane
        let drops: DropLog
    }

    let type: any Connector.Type
    /// The settings with every default and with secrets, to find out whether they have changed.
    let settings: Tree?
    let probe: @Sendable (Context) throws(ComponentError) -> Void
    let make: @Sendable (Context, Place) throws(ComponentError) -> any ConnectorSink
    /// What is wrong with the settings between certain pipelines.
    let problems: @Sendable (ConnectorPlace) -> [Problem]
    /// How telemetry waits in front of it; `nil` when it does not.
    let delivery: DeliverySettings?

    init<Joint: Connector>(_ type: Joint.Type, _ configuration: Joint.Configuration) {
        self.type = type
        settings = configuration.tree(.revealed)
        probe = { (context) throws(ComponentError) in _ = try Joint(configuration, in: context) }
        problems = { Joint.problems(of: configuration, at: $0) }
        delivery = (type as? any QueuedConnector.Type)?.delivery(ofAny: configuration)
        make = { (context, place) throws(ComponentError) in
            ConnectorNode(try Joint(configuration, in: context), context, at: place)
        }
    }
}

extension QueuedConnector {
    fileprivate static func delivery(ofAny configuration: any SettingGroup) -> DeliverySettings? {
        (configuration as? Configuration).flatMap { delivery(of: $0) }
    }
}
