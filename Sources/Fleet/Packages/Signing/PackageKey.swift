internal import Crypto
public import FleetModel

/// What is signed of a package: its name, its type, its version and the hash of its file, so that nobody can
/// offer a file of one package as another, or an old version as a new one.
///
/// The text is five lines, each with a line feed: `apus.package/v1`, the name, `top_level` or `addon`, the
/// version, and the SHA-256 of the file as 64 small hexadecimal digits.
public struct PackageStatement: Sendable, Hashable {
    /// The first line.
    public static let format = "apus.package/v1"

    /// The text that is signed.
    public let text: String

    /// - Parameters:
    ///   - name: The name of the package, without line feeds.
    ///   - type: `top_level` or `addon`.
    ///   - version: The version, without line feeds.
    ///   - hash: SHA-256 of the file.
    public init(name: String, type: String, version: String, hash: ContentHash) {
        text = "\(Self.format)\n\(name)\n\(type)\n\(version)\n\(hash)\n"
    }
}

/// A public key of Ed25519 that signatures of packages are checked with.
public struct PackageKey: Sendable, Hashable {
    /// What stands before the 32 bytes of a key in its DER form (RFC 8410).
    private static let header: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0,
    ]

    /// 32 bytes.
    public let bytes: [UInt8]

    init(_ key: Curve25519.Signing.PublicKey) { bytes = Array(key.rawRepresentation) }

    /// Reads a key in PEM, or its 32 bytes in base64; `nil` for another text.
    public init?(_ text: String) {
        let key: [UInt8]
        if text.contains("-----BEGIN PUBLIC KEY-----") {
            guard let der = PEMText.content(of: text), der.starts(with: Self.header) else { return nil }
            key = Array(der.dropFirst(Self.header.count))
        } else {
            guard let bytes = Base64.decode(text.filter { !$0.isWhitespace }) else { return nil }
            key = bytes
        }
        guard key.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: key)) != nil else {
            return nil
        }
        bytes = key
    }

    /// Names the key: the first 16 digits of the SHA-256 of its bytes.
    public var id: String { String(ContentHash(of: bytes).description.prefix(16)) }

    /// In base64.
    public var base64: String { Base64.encode(bytes) }

    /// In PEM, as `openssl pkeyutl -verify -pubin` takes it.
    public var pem: String { PEMText.text("PUBLIC KEY", Self.header + bytes) }

    /// Whether a signature is of this key.
    public func verifies(_ signature: [UInt8], of statement: PackageStatement) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: Array(statement.text.utf8))
    }
}

/// A private key of Ed25519 that packages are signed with.
public struct PackageSigner: Sendable {
    /// What stands before the 32 bytes of a key in its DER form (RFC 8410).
    private static let header: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    private let key: Curve25519.Signing.PrivateKey

    /// A new key.
    public init() { key = Curve25519.Signing.PrivateKey() }

    /// Reads a key in PEM, as `openssl genpkey -algorithm ed25519` makes it; `nil` for another text.
    public init?(pem: String) {
        guard let der = PEMText.content(of: pem), der.starts(with: Self.header),
            der.count >= Self.header.count + 32,
            let key = try? Curve25519.Signing.PrivateKey(
                rawRepresentation: der[Self.header.count..<Self.header.count + 32])
        else { return nil }
        self.key = key
    }

    /// The public half.
    public var publicKey: PackageKey { PackageKey(key.publicKey) }

    /// In PEM; whoever has it can sign.
    var pem: String { PEMText.text("PRIVATE KEY", Self.header + key.rawRepresentation) }

    /// Signs.
    ///
    /// - Returns: 64 bytes; `nil` when there is no randomness to be had.
    public func sign(_ statement: PackageStatement) -> [UInt8]? {
        (try? key.signature(for: Array(statement.text.utf8))).map { Array($0) }
    }
}
