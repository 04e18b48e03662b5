/// Paths of keys and list indices as JSON Pointers (RFC 6901): `/receivers/otlp~12` is the key `otlp/2` of
/// `receivers`.
public enum JSONPointer {
    /// Reads a pointer; the empty text is the whole document.
    ///
    /// - Returns: `nil` when it does not begin with `/`, or has a `~` that is followed by neither 0 nor 1.
    public static func path(of pointer: String) -> [String]? {
        let bytes = Array(pointer.utf8)
        guard let first = bytes.first else { return [] }
        guard first == UInt8(ascii: "/") else { return nil }
        var path: [String] = []
        // Bytes and not characters: a combining mark after a slash makes another character of it.
        for step in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let key = unescaped(step) else { return nil }
            path.append(key)
        }
        return path
    }

    /// Writes a path as a pointer.
    public static func text(of path: [String]) -> String {
        var bytes: [UInt8] = []
        for step in path {
            bytes.append(UInt8(ascii: "/"))
            for byte in step.utf8 {
                switch byte {
                case UInt8(ascii: "~"): bytes += "~0".utf8
                case UInt8(ascii: "/"): bytes += "~1".utf8
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ step: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = step
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                result.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): result.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): result.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
