internal import Telemetry

/// What a metric of the host is.
struct HostMetric: Sendable {
    /// How its points are to be read.
    enum Kind: Sendable {
        /// A sum that only grows, from the start of the machine or the process on.
        case counter
        /// A sum that may shrink.
        case amount
        case gauge
    }

    /// An attribute of its points.
    struct Attribute: Sendable, ExpressibleByStringLiteral {
        let name: String
        /// Whether points have it only when the configuration names it.
        let isOptIn: Bool

        init(_ name: String, isOptIn: Bool = false) {
            self.name = name
            self.isOptIn = isOptIn
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    let kind: Kind
    let unit: String
    let details: String
    let isEnabled: Bool
    /// In the order in which values are recorded.
    let attributes: [Attribute]

    /// A metric that is on by default, unless `isEnabled` is false.
    init(
        _ kind: Kind, _ unit: String, _ details: String, isEnabled: Bool = true,
        _ attributes: [Attribute] = []
    ) {
        self.kind = kind
        self.unit = unit
        self.details = details
        self.isEnabled = isEnabled
        self.attributes = attributes
    }

    /// The attributes that points have when nobody says otherwise.
    var usualAttributes: [String] { attributes.filter { !$0.isOptIn }.map { $0.name } }
}

/// The metrics of one scraper, by their names.
protocol HostMetricName: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    var definition: HostMetric { get }
    /// Metrics of the scraper that Linux does not have, with the reasons.
    static var unsupported: KeyValuePairs<String, String> { get }
}

extension HostMetricName {
    static var unsupported: KeyValuePairs<String, String> { [:] }
}
