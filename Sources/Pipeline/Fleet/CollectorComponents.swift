/// The components that a build of the collector has.
public struct CollectorComponents: Sendable, Equatable {
    /// One kind of them.
    public struct Section: Sendable, Equatable {
        /// The section of the configuration, such as `receivers`.
        public let name: String
        public let components: [Component]

        public init(name: String, components: [Component]) {
            self.name = name
            self.components = components
        }
    }

    /// One component.
    public struct Component: Sendable, Equatable {
        /// The type as written in YAML.
        public let type: String
        /// Facts about it: `summary`, `aliases` (with commas), `signals` (with commas), and `schema`, the
        /// JSON Schema (2020-12) of its settings.
        public let metadata: [(name: String, value: String)]

        public init(type: String, metadata: [(name: String, value: String)]) {
            self.type = type
            self.metadata = metadata
        }

        public static func == (left: Self, right: Self) -> Bool {
            left.type == right.type && left.metadata.elementsEqual(right.metadata) { $0 == $1 }
        }
    }

    public let sections: [Section]
    /// The SHA-256 of all of it: equal for equal builds.
    public let hash: [UInt8]

    public init(sections: [Section], hash: [UInt8]) {
        self.sections = sections
        self.hash = hash
    }
}
