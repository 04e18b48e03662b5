/// What is wrong with a JSON text, where, and under which keys.
struct JSONFault: Error {
    private static let pathLimit = 160

    let reason: String
    /// Index of the byte where reading stopped.
    let offset: Int
    private var path = ""

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason with the keys that lead to it, outermost first.
    var message: String { path.isEmpty ? reason : "\(path): \(reason)" }

    /// The same fault seen from the object that holds `key`.
    ///
    /// Deeply nested values are cut off at the outer end, so that a hostile text cannot make a long message.
    func inside(_ key: String) -> JSONFault {
        guard path.utf8.count < Self.pathLimit else { return self }
        var fault = self
        fault.path = path.isEmpty ? key : "\(key).\(path)"
        return fault
    }
}
