internal import Glibc
internal import Wire

extension Bytes {
    func hasPrefix(_ prefix: Bytes) -> Bool {
        count >= prefix.count && self[0..<prefix.count].isEqual(to: prefix)
    }

    func hasSuffix(_ suffix: Bytes) -> Bool {
        count >= suffix.count && self[count - suffix.count..<count].isEqual(to: suffix)
    }

    /// Where `other` begins first, at `start` or later; `nil` when it is not there.
    func index(of other: Bytes, from start: Int = 0) -> Int? {
        guard !other.isEmpty else { return start <= count ? start : nil }
        guard start <= count else { return nil }
        return withUnsafeBytes { text in
            other.withUnsafeBytes { wanted in
                guard let base = text.baseAddress, let first = wanted.baseAddress else { return nil }
                var index = start
                while count - index >= wanted.count,
                    let found = memchr(base + index, Int32(wanted[0]), count - index - wanted.count + 1)
                {
                    if memcmp(found, first, wanted.count) == 0 {
                        return base.distance(to: UnsafeRawPointer(found))
                    }
                    index = base.distance(to: UnsafeRawPointer(found)) + 1
                }
                return nil
            }
        }
    }

    /// Whether a character of UTF-8 begins at `index`, or the text ends there.
    func isBoundary(_ index: Int) -> Bool { index >= count || self[index] & 0xC0 != 0x80 }

    /// The next place after `index` where a character begins.
    func boundary(after index: Int) -> Int { boundary(atOrAfter: index + 1) }

    /// `index`, or the next place after it where a character begins.
    func boundary(atOrAfter index: Int) -> Int {
        var index = index
        while index < count, !isBoundary(index) { index += 1 }
        return Swift.min(index, count)
    }

    /// `index`, or the last place before it where a character begins.
    func boundary(atOrBefore index: Int) -> Int {
        var index = Swift.min(index, count)
        while index > 0, !isBoundary(index) { index -= 1 }
        return index
    }

    /// Whether it is UTF-8.
    var isText: Bool {
        withUnsafeBytes { String(validating: $0.bindMemory(to: UInt8.self), as: UTF8.self) != nil }
    }
}
