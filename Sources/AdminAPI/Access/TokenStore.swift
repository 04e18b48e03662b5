internal import Glibc
internal import HTTPAPI
internal import Synchronization

/// The bearer tokens of the admin API, in a file that only the user who runs Apus can read.
///
/// Programs of other processes add to it and take from it (`apus token`), so it is looked at on every use and
/// read again when it has changed: a token that is revoked is refused from the next request on. Bounded: at
/// most `limit` tokens.
public final class TokenStore: Sendable {
    /// The most tokens there may be.
    public static let limit = 1000

    /// What tells one state of the file from another.
    private struct Stamp: Equatable {
        var inode: UInt = 0
        var size = 0
        var seconds = 0
        var nanoseconds = 0
    }

    private struct Cache {
        var stamp: Stamp?
        var tokens: [String: AdminToken] = [:]
    }

    private let path: String
    private let cache = Mutex(Cache())

    /// The tokens in `directory`, which is made with the first of them.
    public init(directory: String) { path = directory + "/tokens" }

    /// All tokens, the oldest first.
    ///
    /// - Throws: when the file is there and cannot be read.
    public func list() throws(TokenStoreError) -> [AdminToken] {
        try read().sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - name: for people; the id when it is `nil`.
    ///   - role: what it may do.
    ///   - now: nanoseconds since 1970.
    ///   - life: how long it is valid; `nil` is for ever.
    /// - Returns: the token and its text, which is kept nowhere.
    /// - Throws: when the file cannot be read or written, or is full.
    public func create(
        name: String?, role: AdminRole, at now: UInt64, life: Duration?
    ) throws(TokenStoreError) -> (token: AdminToken, text: String) {
        var tokens = try read()
        guard tokens.count < Self.limit else { throw .full(path) }
        let id = SecureRandom.hexadecimal(bytes: 4)
        let text = "apus_\(id)_\(SecureRandom.hexadecimal(bytes: 32))"
        let expires = life.map { now &+ UInt64(max($0 / .nanoseconds(1), 0)) }
        let token = AdminToken(
            id: id, name: name ?? id, role: role, created: now, expires: expires,
            hash: Hash.sha256(Array(text.utf8)))
        tokens.append(token)
        try write(tokens)
        return (token, text)
    }

    /// Takes the tokens of this id or name away.
    ///
    /// - Returns: how many there were.
    public func revoke(_ name: String) throws(TokenStoreError) -> Int {
        let tokens = try read()
        let rest = tokens.filter { $0.id != name && $0.name != name }
        if rest.count < tokens.count { try write(rest) }
        return tokens.count - rest.count
    }

    /// The token with this text, if there is one that is valid at `now`.
    func find(_ text: String, at now: UInt64) -> AdminToken? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "apus", text.utf8.count <= 256 else { return nil }
        guard let token = current()[String(parts[1])], !token.hasExpired(at: now) else { return nil }
        return Hash.areEqual(token.hash, Hash.sha256(Array(text.utf8))) ? token : nil
    }

    private func current() -> [String: AdminToken] {
        cache.withLock { cache in
            let stamp = Self.stamp(of: path)
            guard stamp != cache.stamp else { return cache.tokens }
            guard let tokens = try? read() else { return [:] }
            cache.stamp = stamp
            cache.tokens = Dictionary(tokens.map { ($0.id, $0) }) { first, _ in first }
            return cache.tokens
        }
    }

    private static func stamp(of path: String) -> Stamp {
        var status = stat()
        guard stat(path, &status) == 0 else { return Stamp() }
        return Stamp(
            inode: UInt(status.st_ino), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    private func read() throws(TokenStoreError) -> [AdminToken] {
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(path, Self.reason) }
            return []
        }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while text.count < Self.limit * 4096 {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
            .compactMap { AdminToken(line: String($0)) }
    }

    /// Writes beside the file and renames, so that readers see either all of it or what was there before.
    private func write(_ tokens: [AdminToken]) throws(TokenStoreError) {
        let directory = path.prefix(path.count - "/tokens".count)
        makeDirectories(String(directory))
        let draft = "\(path).\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path, Self.reason) }
        let bytes = Array(tokens.map(\.line).joined().utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(draft, path) == 0 else {
            let reason = Self.reason
            unlink(draft)
            throw .unwritable(path, reason)
        }
    }

    private func makeDirectories(_ directory: String) {
        var place = ""
        for step in directory.split(separator: "/", omittingEmptySubsequences: false) {
            place += place.isEmpty && step.isEmpty ? "/" : (place == "/" || place.isEmpty ? "" : "/") + step
            if !place.isEmpty { mkdir(place, 0o700) }
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Why tokens cannot be read or kept.
public enum TokenStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(String, String)
    case unwritable(String, String)
    case full(String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read the tokens in \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot keep the tokens in \(path): \(reason)"
        case .full(let path):
            "there are \(TokenStore.limit) tokens in \(path); revoke some with apus token revoke"
        }
    }
}
