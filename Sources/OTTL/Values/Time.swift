/// A moment, and the time zone that its calendar date is meant in.
public struct Time: Sendable {
    /// Nanoseconds since 1970 (UTC), negative before; from 1677 to 2262.
    public var nanoseconds: Int64
    public var zone: Zone

    public init(nanoseconds: Int64, zone: Zone = .utc) {
        self.nanoseconds = nanoseconds
        self.zone = zone
    }

    /// A time zone: how far its clocks are ahead of UTC at a moment.
    public final class Zone: Sendable {
        /// Its name, such as `Europe/Berlin`.
        public let name: String
        private let rule: @Sendable (Int64) -> (offset: Int, abbreviation: String)

        /// Makes a zone; `rule` tells offset (seconds) and abbreviation at a moment (seconds since 1970).
        public init(
            _ name: String, rule: @escaping @Sendable (Int64) -> (offset: Int, abbreviation: String)
        ) {
            self.name = name
            self.rule = rule
        }

        /// Seconds ahead of UTC, and the abbreviation in use, at a moment in seconds since 1970.
        public func rule(at seconds: Int64) -> (offset: Int, abbreviation: String) { rule(seconds) }

        public static let utc = Zone("UTC") { _ in (0, "UTC") }
    }
}
