internal import Glibc
public import Wire

extension Bytes {
    /// Whether both hold the same bytes.
    public func isEqual(to other: Bytes) -> Bool {
        count == other.count && compare(to: other) == 0
    }

    /// Less than, equal to or greater than 0 as the bytes come before, are, or come after the other's.
    public func compare(to other: Bytes) -> Int {
        let order = withUnsafeBytes { left in
            other.withUnsafeBytes { right -> Int32 in
                guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
                return memcmp(first, second, min(left.count, right.count))
            }
        }
        return order != 0 ? Int(order) : count - other.count
    }
}
