internal import Glibc

/// Where the manager finds the secrets that configurations name with `${secret:NAME}`.
public protocol SecretSource: Sendable {
    /// The text of a secret.
    func secret(_ name: String) throws(SecretFailure) -> String
    /// The names there are, sorted; never the texts.
    func names() -> [String]
}

/// Why a secret cannot be had; it says the name and the reason, never the text.
public struct SecretFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Secrets as files in a directory, one each, as container platforms and secret managers lay them out.
///
/// They are read when an offer is made and kept nowhere: not in the store, and in no answer. A line end at
/// the end of a file is no part of the secret. To replace a secret that agents have already, give it a new
/// name, such as `backend-2`: then the change is a revision and is rolled out like every other.
public struct SecretDirectory: SecretSource {
    /// The largest secret, in bytes.
    public static let largest = 64 << 10

    private let path: String?

    /// - Parameter path: the directory; `nil` when there are no secrets.
    public init(_ path: String?) { self.path = path }

    public func secret(_ name: String) throws(SecretFailure) -> String {
        guard let path else {
            throw SecretFailure("the secret '\(name)' is not there: the manager has no directory of secrets")
        }
        // A name is never a path: placeholders have letters, digits, `_`, `.` and `-` only.
        guard TemplateText.isName(name) else { throw SecretFailure("'\(name)' is not the name of a secret") }
        guard let file = fopen("\(path)/\(name)", "re") else {
            throw SecretFailure(
                "the secret '\(name)' cannot be read in \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw SecretFailure("the secret '\(name)' cannot be read") }
        guard count <= Self.largest else {
            throw SecretFailure("the secret '\(name)' has more than \(Self.largest) bytes")
        }
        guard var text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw SecretFailure("the secret '\(name)' is not text in UTF-8")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw SecretFailure("the secret '\(name)' is empty") }
        return text
    }

    public func names() -> [String] {
        guard let path, let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if TemplateText.isName(name) { names.append(name) }
        }
        return names.sorted()
    }
}
