import Crypto
import Foundation
import OpAMP
import SwiftASN1
import Testing
import X509

@testable import Extensions

@Suite struct CertificateOrderTests {
    private let uid = InstanceUID(high: 1, low: 2)

    /// Signs a request as an authority does.
    private func certificate(for request: String, from begin: Date, days: Double) throws -> String {
        let request = try CertificateSigningRequest(pemEncoded: request)
        let authority = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: request.publicKey,
            notValidBefore: begin, notValidAfter: begin.addingTimeInterval(days * 86_400),
            issuer: try DistinguishedName { CommonName("authority") }, subject: request.subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: Certificate.Extensions(),
            issuerPrivateKey: Certificate.PrivateKey(authority))
        return try certificate.serializeAsPEM().pemString
    }

    @Test func `the request names the agent and is signed with its key`() throws {
        let order = try CertificateOrder.make(for: uid)
        let request = try CertificateSigningRequest(pemEncoded: order.request)
        #expect("\(request.subject)".contains("\(uid)"))
        #expect(request.publicKey.isValidSignature(request.signature, for: request))
    }

    @Test func `a certificate fits its own key only`() throws {
        let (mine, other) = (try CertificateOrder.make(for: uid), try CertificateOrder.make(for: uid))
        let certificate = try certificate(for: mine.request, from: Date(), days: 30)
        #expect(CertificateOrder.fits(certificate, mine.key))
        #expect(!CertificateOrder.fits(certificate, other.key))
        #expect(
            !CertificateOrder.fits("nonsense", mine.key) && !CertificateOrder.fits(certificate, "nonsense"))
    }

    @Test(arguments: [1_700_000_000.0, 2_600_000_000.0])
    func `it is renewed after two thirds of its life`(_ begin: Double) throws {
        let order = try CertificateOrder.make(for: uid)
        let certificate = try certificate(
            for: order.request, from: Date(timeIntervalSince1970: begin), days: 30)
        #expect(CertificateOrder.renewal(of: certificate) == UInt64(begin + 20 * 86_400) * 1_000_000_000)
        #expect(CertificateOrder.renewal(of: "nonsense") == nil)
    }
}
