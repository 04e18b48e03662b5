internal import Crypto
internal import OpAMP
internal import Pipeline
internal import SwiftASN1
internal import X509

/// Asks for a client certificate and knows when the next one is due; the private key stays on the machine.
struct CertificateOrder: Sendable {
    /// The file of a key whose certificate has not come yet.
    static let keyFile = "pending_key.pem"

    /// A new key and the request for its certificate, both in PEM; the name in it is the agent's id.
    static func make(for uid: InstanceUID) throws(ComponentError) -> (key: String, request: String) {
        do {
            let key = P256.Signing.PrivateKey()
            let subject = try DistinguishedName { CommonName("\(uid)") }
            let request = try CertificateSigningRequest(
                version: .v1, subject: subject, privateKey: Certificate.PrivateKey(key),
                attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256)
            return (key.pemRepresentation, try request.serializeAsPEM().pemString)
        } catch {
            throw ComponentError("cannot make a request for a certificate: \(error)")
        }
    }

    /// Whether a certificate (the first one of a chain) is for a private key, both in PEM.
    static func fits(_ certificate: String, _ key: String) -> Bool {
        guard let leaf = leaf(of: certificate), let key = try? P256.Signing.PrivateKey(pemRepresentation: key)
        else { return false }
        return leaf.publicKey == Certificate.PublicKey(key.publicKey)
    }

    /// When a certificate is to be replaced: after two thirds of its life, in nanoseconds since
    /// 1970-01-01T00:00:00Z; `nil` when it cannot be read.
    static func renewal(of certificate: String) -> UInt64? {
        guard let document = try? PEMDocument.parseMultiple(pemString: certificate).first,
            let life = CertificateLife(der: document.derBytes), life.end > life.begin
        else { return nil }
        return UInt64(life.begin + (life.end - life.begin) / 3 * 2) * 1_000_000_000
    }

    private static func leaf(of text: String) -> Certificate? {
        guard let document = try? PEMDocument.parseMultiple(pemString: text).first else { return nil }
        return try? Certificate(pemDocument: document)
    }
}
