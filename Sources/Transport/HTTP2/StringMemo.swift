internal import Glibc

/// Remembers the last string made from bytes, because the paths and hosts on one connection hardly change:
/// comparing is a tenth of making a string.
struct StringMemo {
    private var last = ""

    /// The bytes as a string, with U+FFFD in place of what is not UTF-8.
    mutating func string(of bytes: UnsafeRawBufferPointer) -> String {
        if equalsLast(bytes) { return last }
        last = String(decoding: bytes, as: UTF8.self)
        return last
    }

    private func equalsLast(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let equal = last.utf8.withContiguousStorageIfAvailable { text in
            guard text.count == bytes.count else { return false }
            guard let left = text.baseAddress, let right = bytes.baseAddress else { return true }
            return memcmp(left, right, text.count) == 0
        }
        return equal ?? false
    }
}
