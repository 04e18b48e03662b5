internal import Crypto
internal import FoundationEssentials
internal import Glibc
public import OpAMP
public import Pipeline
internal import SwiftASN1
internal import Wire
internal import X509

/// A certificate that was issued to an agent.
public struct IssuedCertificate: Sendable, Hashable {
    /// In PEM.
    public let certificate: String
    /// The authority's own, in PEM.
    public let authority: String
    /// In hexadecimal.
    public let serial: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let expires: UInt64
}

/// The manager's own authority: agents get certificates for keys that never leave them.
///
/// Its key is a P-256 key made at the first start, in a file that only its owner can read. Managers that
/// share a store need the same files.
public final class CertificateAuthority: Sendable {
    /// How long a certificate of an agent is valid unless it is said otherwise.
    public static let life = Duration.seconds(30 * 24 * 3600)
    /// How long it may be said to be.
    public static let lives = Duration.seconds(60)...Duration.seconds(366 * 24 * 3600)
    /// The largest request, in UTF-8 bytes.
    public static let largestRequest = 16 << 10
    private static let ownLife = Duration.seconds(3650 * 24 * 3600)
    /// How far clocks may be apart.
    private static let skew = Duration.seconds(3600)

    private let key: Certificate.PrivateKey
    private let own: Certificate
    private let clock: any PipelineClock
    private let life: Duration
    /// Its certificate in PEM: what the listener for agents verifies theirs against.
    public let certificate: String

    private init(key: P256.Signing.PrivateKey, own: Certificate, life: Duration, clock: any PipelineClock)
        throws
    {
        self.key = Certificate.PrivateKey(key)
        self.life = min(max(life, Self.lives.lowerBound), Self.lives.upperBound)
        self.own = own
        self.clock = clock
        certificate = try own.serializeAsPEM().pemString
    }

    /// The files of an authority in a state directory: its certificate, and its key.
    public static func files(in directory: String) -> (certificate: String, key: String) {
        ("\(directory)/agents-ca.crt", "\(directory)/agents-ca.key")
    }

    /// Reads the authority of a state directory, or makes one.
    ///
    /// - Parameters:
    ///   - directory: Where its files are.
    ///   - life: How long the certificates that it issues are valid, within `lives`.
    ///   - clock: The time.
    /// - Returns: What can issue certificates.
    /// - Throws: `AccessError.file` for files that cannot be used.
    public static func open(
        in directory: String, life: Duration = CertificateAuthority.life, clock: any PipelineClock
    ) throws(AccessError) -> CertificateAuthority {
        let files = files(in: directory)
        do {
            let stored = (try PrivateFile.read(files.key), try PrivateFile.read(files.certificate))
            if let key = stored.0, let certificate = stored.1 {
                let key = try P256.Signing.PrivateKey(pemRepresentation: key)
                let own = try Certificate(pemEncoded: certificate)
                guard own.publicKey == Certificate.PrivateKey(key).publicKey else {
                    throw AccessError.file("\(files.certificate) does not belong to \(files.key)")
                }
                return try CertificateAuthority(key: key, own: own, life: life, clock: clock)
            }
            guard stored.0 == nil, stored.1 == nil else {
                throw AccessError.file("of \(files.key) and \(files.certificate) one is missing")
            }
            let key = P256.Signing.PrivateKey()
            let authority = try CertificateAuthority(
                key: key, own: try root(key, clock), life: life, clock: clock)
            try PrivateFile.write(key.pemRepresentation + "\n", to: files.key)
            try PrivateFile.write(authority.certificate + "\n", to: files.certificate)
            return authority
        } catch let error as AccessError {
            throw error
        } catch {
            throw .file("the authority in \(directory) cannot be used: \(error)")
        }
    }

    /// Issues a certificate for the key of a request.
    ///
    /// All that the request says but its key is overwritten: the certificate is for being this agent as a
    /// client and for nothing else.
    ///
    /// - Parameters:
    ///   - pem: The request (PKCS #10) in PEM.
    ///   - uid: Who sent it; a common name in the request has to be the same.
    /// - Returns: The certificate, not registered yet.
    /// - Throws: `.badRequest` with what is wrong with the request.
    public func issue(_ pem: String, for uid: InstanceUID) throws(AccessError) -> IssuedCertificate {
        let request = try Self.request(pem, from: uid)
        let now = clock.unixNanoseconds
        let expires = AccessText.time(now, plus: life)
        // Whoever renews after a part of its life must not find that part over at the start.
        let skew = UInt64(min(Self.skew, life / 10) / .nanoseconds(1))
        do {
            let serial = Certificate.SerialNumber()
            let issued = try Certificate(
                version: .v3, serialNumber: serial, publicKey: request.publicKey,
                notValidBefore: Self.date(now - min(now, skew)), notValidAfter: Self.date(expires),
                issuer: own.subject,
                subject: DistinguishedName { CommonName(uid.description) },
                signatureAlgorithm: .ecdsaWithSHA256, extensions: try extensions(request.publicKey, uid),
                issuerPrivateKey: key)
            return IssuedCertificate(
                certificate: try issued.serializeAsPEM().pemString, authority: certificate,
                serial: Hexadecimal.text(of: serial.bytes.drop { $0 == 0 }), expires: expires)
        } catch {
            throw .badRequest("the certificate cannot be issued: \(error)")
        }
    }

    // MARK: - Parts

    private static func request(
        _ pem: String, from uid: InstanceUID
    ) throws(AccessError) -> CertificateSigningRequest {
        guard pem.utf8.count <= largestRequest else {
            throw .badRequest("the request has more than \(largestRequest) bytes")
        }
        let request: CertificateSigningRequest
        do { request = try CertificateSigningRequest(pemEncoded: pem) } catch {
            throw .badRequest("the request is not PKCS #10 in PEM")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw .badRequest("the request is not signed with its own key")
        }
        // 2048 bits of RSA are 294 bytes; keys of elliptic curves are shorter, and known to be good.
        let isCurve =
            P256.Signing.PublicKey(request.publicKey) != nil
            || P384.Signing.PublicKey(request.publicKey) != nil
            || P521.Signing.PublicKey(request.publicKey) != nil
            || Curve25519.Signing.PublicKey(request.publicKey) != nil
        guard isCurve || (290...1200).contains(request.publicKey.subjectPublicKeyInfoBytes.count) else {
            throw .badRequest("the key is too weak or too long; make one of P-256")
        }
        for attribute in request.subject.flatMap({ $0 })
        where attribute.type == ASN1ObjectIdentifier.RDNAttributeType.commonName {
            guard InstanceUID(attribute.value.description.lowercased()) == uid else {
                throw .badRequest("the common name in the request is not the instance_uid of its sender")
            }
        }
        return request
    }

    private func extensions(
        _ publicKey: Certificate.PublicKey, _ uid: InstanceUID
    ) throws -> Certificate.Extensions {
        try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.clientAuth])
            SubjectAlternativeNames([.uniformResourceIdentifier("urn:uuid:\(uid)")])
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: own.publicKey).keyIdentifier)
        }
    }

    private static func root(_ key: P256.Signing.PrivateKey, _ clock: any PipelineClock) throws -> Certificate
    {
        let key = Certificate.PrivateKey(key)
        let name = try DistinguishedName {
            OrganizationName("Apus fleet")
            CommonName("Agents \(SecureToken.random(bytes: 4))")
        }
        let now = clock.unixNanoseconds
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: date(now - min(now, UInt64(skew / .nanoseconds(1)))),
            notValidAfter: date(AccessText.time(now, plus: ownLife)), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            }, issuerPrivateKey: key)
    }

    private static func date(_ time: UInt64) -> Date {
        Date(timeIntervalSince1970: Double(time / 1_000_000_000))
    }
}
