public import Settings
public import Telemetry

/// Anything a pipeline is built from; users write its name in YAML.
///
/// A component is a value: its `Configuration` describes itself (keys, defaults, checks, documentation), and
/// `init` turns a configuration that has passed those checks into something that can run. `init` must not
/// open sockets or files that others would notice: it also runs when a configuration is only validated.
public protocol Component: SendableMetatype {
    /// The keys users may write, with their defaults.
    associatedtype Configuration: SettingGroup

    /// The type as written in YAML, in `lower_snake_case`.
    static var name: String { get }
    /// Earlier names that stay valid; using one is reported once.
    static var aliases: [String] { get }
    /// One line for people who choose between components.
    static var summary: String { get }
    /// Where it behaves otherwise than the component of the same name of the OpenTelemetry Collector, and
    /// why: sentences for its reference page.
    static var differences: [String] { get }
    /// What the component can handle.
    static var signals: [Signal] { get }

    /// Builds the component; throws when the configuration cannot work, naming the key.
    init(_ configuration: Configuration, in context: Context) throws(ComponentError)
}

extension Component {
    public static var aliases: [String] { [] }
    public static var differences: [String] { [] }
    public static var signals: [Signal] { Signal.allCases }
}

/// Why a component could not be built or started: what was being done, to what, and what to do about it.
public struct ComponentError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    /// The configuration key the error belongs to, relative to the component, such as `tls.cert_file`.
    public let key: String?

    public init(_ description: String, key: String? = nil) {
        self.description = description
        self.key = key
    }
}
