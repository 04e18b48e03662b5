public import Pipeline
internal import Settings
public import Telemetry

/// Finds out where the collector runs and says so in the resources of what passes.
///
/// Detectors are asked when the processor begins, all at once, each for up to `timeout`; until then senders
/// are told to try again. A detector that finds nothing is logged and left out, or waited for with
/// `fail_on_missing_metadata`; one that found something before keeps that. All lanes share what was found.
public struct ResourceDetection: Processor {
    public static let name = "resource_detection"
    public static let aliases = ["resourcedetection"]
    public static let summary = "Adds attributes of the machine, the container and the cloud to resources."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "Detectors for Elastic Beanstalk, EKS, Kubernetes, OpenShift, Consul and further clouds are not "
            + "there, and naming them is an error.",
        "Tags of EC2 come from the metadata service only, labels of Compute Engine are not read.",
        "A detector that finds nothing does not keep the collector from starting; with "
            + "fail_on_missing_metadata telemetry is refused until all have found something.",
        "The schema URL of resources stays as it is.",
        "endpoint of a detector, and the detector process, exist here only.",
    ]

    private let detection: Detection
    private let replaces: Bool
    /// Whether it is built to see whether it can be: then it asks nobody and lets everything pass.
    private let isProbe: Bool

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.init(configuration, in: context, .machine(context, timeout: configuration.timeout))
    }

    init(_ configuration: Configuration, in context: Context, _ surroundings: DetectorSurroundings) {
        replaces = configuration.override
        let isProbe = context.pipeline == nil
        self.isProbe = isProbe
        let json = configuration.tree(.revealed)?.json() ?? ""
        let variant = isProbe ? json + " probe" : json
        detection = Siblings.object(for: context, variant: variant) { Detection() }
        if !isProbe { detection.start(configuration, surroundings, context) }
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        guard batch.itemCount > 0, !isProbe else { return }
        guard case .found(let attributes) = detection.current else {
            throw .later(reason: "resource detection is not complete", after: .seconds(1))
        }
        guard !attributes.isEmpty else { return }
        batch.rewrite(.resource) { draft in
            for attribute in attributes {
                if replaces { draft.set(attribute) } else { draft.insert(attribute) }
            }
        }
    }
}
