/// The time of an event: extension type 0 with seconds and nanoseconds (Forward specification v1,
/// "EventTime Ext Format").
public enum EventTime {
    /// The type of the extension.
    public static let type: Int8 = 0

    /// Nanoseconds since 1970 from the data of an extension; `nil` when it has not 8 bytes.
    public static func nanoseconds(of data: some Collection<UInt8>) -> UInt64? {
        guard data.count == 8 else { return nil }
        let bits = data.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (bits >> 32) * 1_000_000_000 + (bits & 0xFFFF_FFFF)
    }

    /// Nanoseconds since 1970 from seconds; 0 for what cannot be told, before 1970 or after 2554.
    public static func nanoseconds(seconds: Int64) -> UInt64 {
        guard seconds > 0 else { return 0 }
        let (value, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? 0 : value
    }

    /// Nanoseconds since 1970 from seconds; 0 for what cannot be told.
    public static func nanoseconds(seconds: Double) -> UInt64 {
        guard seconds > 0, seconds < 18_446_744_073 else { return 0 }
        let whole = seconds.rounded(.down)
        return UInt64(whole) * 1_000_000_000 + UInt64(((seconds - whole) * 1_000_000_000).rounded())
    }

    /// The data of the extension; times after 2106 do not fit and become the last one that does.
    public static func data(nanoseconds: UInt64) -> [UInt8] {
        let seconds = min(nanoseconds / 1_000_000_000, UInt64(UInt32.max))
        let bits = seconds << 32 | nanoseconds % 1_000_000_000
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - $0 * 8)) }
    }
}
