import OpAMP
import Synchronization

/// A time of day that stands still until a test moves it.
final class ManualTime: Sendable {
    private let nanoseconds = Mutex<UInt64>(1_700_000_000_000_000_000)

    var value: UInt64 { nanoseconds.withLock { $0 } }

    func advance(seconds: UInt64) { nanoseconds.withLock { $0 += seconds * 1_000_000_000 } }
}

enum InstanceUIDs {
    static let one = InstanceUID(high: 1, low: 1)
    static let two = InstanceUID(high: 1, low: 0xFFFF_FFFF_FFFF_FFFF)
    static let three = InstanceUID(high: 0xFFFF_FFFF_FFFF_FFFF, low: 0)
}
