internal import Glibc

/// The header or trailer fields of an HTTP message, in order, with names in lower case (RFC 9110 section 5).
///
/// All fields live one after another in a single buffer, so receiving a header list costs one allocation
/// whatever its length, and a `String` is made only for the fields that somebody asks for.
public struct HTTPFields: Sendable, Hashable {
    /// Each field is its two lengths (4 bytes each), then its name, then its value.
    private var storage: [UInt8] = []
    /// The number of fields.
    public private(set) var count = 0

    private static let prefixLength = 8

    /// No fields.
    public init() {}

    public var isEmpty: Bool { count == 0 }

    /// What the fields count for against a limit on header lists: names, values and 32 bytes for each field
    /// (RFC 9113 section 6.5.2).
    public var listSize: Int { storage.count + count * (32 - Self.prefixLength) }

    /// Adds a field after those that are there.
    ///
    /// The name is put in lower case.
    public mutating func add(_ name: String, _ value: String) {
        var name = name.utf8.contains(where: Self.isUpperCase) ? name.lowercased() : name
        var value = value
        name.withUTF8 { name in
            value.withUTF8 { value in
                append(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(value))
            }
        }
    }

    /// The value of the first field called `name`; setting replaces all fields of that name, `nil` removes
    /// them.
    public subscript(name: String) -> String? {
        get { withValue(of: name) { String(decoding: $0, as: UTF8.self) } }
        set {
            if contains(name) { remove(name) }
            if let newValue { add(name, newValue) }
        }
    }

    /// Whether there is a field called `name`.
    public func contains(_ name: String) -> Bool { withValue(of: name) { _ in true } ?? false }

    /// The values of all fields called `name`, in order.
    public func all(_ name: String) -> [String] {
        var values: [String] = []
        withLowerCase(name) { wanted in
            forEachField { name, value in
                if Self.equal(name, wanted) { values.append(String(decoding: value, as: UTF8.self)) }
            }
        }
        return values
    }

    /// Removes all fields called `name`.
    public mutating func remove(_ name: String) {
        var kept = HTTPFields()
        withLowerCase(name) { unwanted in
            forEachField { name, value in
                if !Self.equal(name, unwanted) { kept.append(name: name, value: value) }
            }
        }
        self = kept
    }

    /// Forgets all fields and keeps the memory, unless it is shared with a copy.
    mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Adds a field as it came from the wire; the name is in lower case already.
    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        if storage.isEmpty { storage.reserveCapacity(512) }
        let prefix =
            UInt64(UInt32(truncatingIfNeeded: name.count)) | UInt64(UInt32(truncatingIfNeeded: value.count))
            << 32
        withUnsafeBytes(of: prefix) { storage.append(contentsOf: $0) }
        storage.append(contentsOf: name)
        storage.append(contentsOf: value)
        count += 1
    }

    /// Lends every field in turn; the pointers are valid inside `body` only.
    func forEachField(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        withUnsafeStorage { storage in
            Self.walk(storage) { name, value in
                body(name, value)
                return true
            }
        }
    }

    /// Lends the buffer that `walk` understands; it is valid inside `body` only.
    func withUnsafeStorage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes(body)
    }

    /// Lends the value of the first field called `name` to `body`.
    func withValue<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        var result: Result?
        withLowerCase(name) { wanted in
            withUnsafeStorage { storage in
                Self.walk(storage) { name, value in
                    guard Self.equal(name, wanted) else { return true }
                    result = body(value)
                    return false
                }
            }
        }
        return result
    }

    /// Walks over the fields in a lent buffer until `body` returns false.
    static func walk(
        _ storage: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) {
        var position = 0
        while position < storage.count {
            let nameLength = Int(storage.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let valueLength = Int(storage.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
            let name = position + prefixLength
            let value = name + nameLength
            position = value + valueLength
            let goesOn = body(
                UnsafeRawBufferPointer(rebasing: storage[name..<value]),
                UnsafeRawBufferPointer(rebasing: storage[value..<position]))
            guard goesOn else { return }
        }
    }

    private func withLowerCase(_ name: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        var name = name
        let isLowerCase = name.withUTF8 { bytes in
            for byte in bytes where Self.isUpperCase(byte) { return false }
            body(UnsafeRawBufferPointer(bytes))
            return true
        }
        guard !isLowerCase else { return }
        name = name.lowercased()
        name.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }

    private static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }
}

extension HTTPFields: Sequence {
    /// Walks over the fields in order.
    public struct Iterator: IteratorProtocol {
        private var remaining: ArraySlice<(name: String, value: String)>

        fileprivate init(_ fields: HTTPFields) {
            var list: [(name: String, value: String)] = []
            fields.forEachField { name, value in
                list.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
            remaining = list[...]
        }

        public mutating func next() -> (name: String, value: String)? { remaining.popFirst() }
    }

    public func makeIterator() -> Iterator { Iterator(self) }

    public var underestimatedCount: Int { count }
}

extension HTTPFields: CustomStringConvertible {
    /// One line for each field.
    ///
    /// Values may be secrets: do not log this.
    public var description: String { map { "\($0.name): \($0.value)" }.joined(separator: "\n") }
}
