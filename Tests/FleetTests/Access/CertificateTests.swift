import Crypto
import FleetStore
import Foundation
import OpAMP
import PipelineTesting
import Settings
import SwiftASN1
import Testing
import X509

@testable import Fleet

@Suite struct CertificateTests {
    private static let uid = AccessFixture.uid()

    private static func request(
        _ name: String? = uid.description, key: Certificate.PrivateKey = .init(P256.Signing.PrivateKey()),
        signedBy signer: Certificate.PrivateKey? = nil
    ) throws -> String {
        let subject = try DistinguishedName { if let name { CommonName(name) } }
        var request = try CertificateSigningRequest(
            version: .v1, subject: subject, privateKey: key,
            attributes: CertificateSigningRequest.Attributes([]), signatureAlgorithm: .ecdsaWithSHA256)
        if let signer {
            let other = try CertificateSigningRequest(
                version: .v1, subject: subject, privateKey: signer,
                attributes: CertificateSigningRequest.Attributes([]), signatureAlgorithm: .ecdsaWithSHA256)
            request = try CertificateSigningRequest(
                version: .v1, subject: subject, publicKey: key.publicKey,
                attributes: CertificateSigningRequest.Attributes([]), signatureAlgorithm: .ecdsaWithSHA256,
                signature: other.signature)
        }
        return try request.serializeAsPEM().pemString
    }

    private static func admitted(
        _ body: (AccessFixture, AgentPrincipal) async throws -> Void
    ) async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token { $0.isAutomatic = true }.text
            #expect(try await fixture.enroll(with: text) == .admitted)
            try await body(fixture, try fixture.principal(text))
        }
    }

    @Test func `a certificate is for being this agent as a client and for nothing else`() async throws {
        try await Self.admitted { fixture, principal in
            let key = P256.Signing.PrivateKey()
            let told = Told<String>()
            fixture.access.onCertificate { told.add("\($0) \($1.serial)") }
            let issued = try await fixture.access.issueCertificate(
                try Self.request(key: Certificate.PrivateKey(key)), for: Self.uid, as: principal)
            let certificate = try Certificate(pemEncoded: issued.certificate)
            let authority = try Certificate(pemEncoded: issued.authority)
            #expect(authority.publicKey.isValidSignature(certificate.signature, for: certificate))
            #expect(certificate.publicKey == Certificate.PublicKey(key.publicKey))
            #expect("\(certificate.subject)" == "CN=\(Self.uid)")
            #expect(certificate.issuer == authority.subject)
            #expect(told.all == ["\(Self.uid) \(issued.serial)"])
            let extensions = certificate.extensions
            #expect(try extensions.basicConstraints == .notCertificateAuthority)
            #expect(try extensions.keyUsage == KeyUsage(digitalSignature: true))
            #expect(try extensions.extendedKeyUsage.map(Array.init) == [.clientAuth])
            #expect(
                try extensions.subjectAlternativeNames.map(Array.init)
                    == [.uniformResourceIdentifier("urn:uuid:\(Self.uid)")])
            let now = Double(fixture.clock.unixNanoseconds / 1_000_000_000)
            #expect(certificate.notValidAfter.timeIntervalSince1970 == now + 30 * 24 * 3600)
            #expect(certificate.notValidBefore.timeIntervalSince1970 == now - 3600)
            #expect(try authority.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        }
    }

    @Test func `an agent comes with its certificate until it expires or is taken away`() async throws {
        try await Self.admitted { fixture, principal in
            let issued = try await fixture.access.issueCertificate(
                try Self.request(), for: Self.uid, as: principal)
            func come(_ serial: String?, _ name: String = Self.uid.description) throws -> AgentPrincipal {
                try fixture.access.agent(
                    authorization: nil, certificateName: name, certificateSerial: serial, address: "a:1")
            }
            #expect(try come(issued.serial) == .certificate(Self.uid))
            #expect(throws: AgentRefusal.self) { try come("00") }
            #expect(throws: AgentRefusal.self) { try come(nil) }
            #expect(throws: AgentRefusal.self) { try come(issued.serial, AccessFixture.uid(2).description) }
            // It is noted beside the answer; from then on the enrollment token is not enough.
            await waitUntil("it is noted that the agent has shown its certificate") {
                fixture.access.credentials.credential(of: Self.uid)?.isProved == true
            }
            fixture.clock.advance(by: CertificateAuthority.life - .seconds(1))
            await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(try Self.request(), for: Self.uid, as: principal)
            }
            let next = try await fixture.access.issueCertificate(
                try Self.request(), for: Self.uid, as: try come(issued.serial))
            fixture.clock.advance(by: .seconds(1))
            #expect(throws: AgentRefusal.self) { try come(issued.serial) }
            #expect(next.serial != issued.serial)
            #expect(try come(next.serial) == .certificate(Self.uid))
            try await fixture.access.revoke(Self.uid, reason: "", by: AccessFixture.admin)
            #expect(throws: AgentRefusal.self) { try come(next.serial) }
            // What was issued before stays worthless when the agent is let in again.
            try await fixture.access.approve(Self.uid, by: AccessFixture.admin)
            #expect(throws: AgentRefusal.self) { try come(next.serial) }
        }
    }

    @Test func `a short certificate has not lived much of its life when it is issued`() async throws {
        try await TemporaryDirectory.withinAsync { path async throws in
            let clock = ManualClock()
            let life = Duration.seconds(100)
            let authority = try CertificateAuthority.open(in: path, life: life, clock: clock)
            let issued = try authority.issue(try Self.request(), for: Self.uid)
            #expect(issued.expires == clock.unixNanoseconds + 100_000_000_000)
            let certificate = try Certificate(pemEncoded: issued.certificate)
            #expect(certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore) == 110)
        }
    }

    @Test(arguments: [
        "", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        String(repeating: "A", count: CertificateAuthority.largestRequest + 1),
    ])
    func `what is no request is a bad request`(pem: String) async throws {
        try await Self.admitted { fixture, principal in
            let error = await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(pem, for: Self.uid, as: principal)
            }
            guard case .badRequest? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a request that is not signed with its own key is a bad request`() async throws {
        try await Self.admitted { fixture, principal in
            let pem = try Self.request(signedBy: .init(P256.Signing.PrivateKey()))
            let error = await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(pem, for: Self.uid, as: principal)
            }
            #expect(error == .badRequest("the request is not signed with its own key"))
        }
    }

    @Test func `a request for another agent is a bad request, and one for nobody is for its sender`()
        async throws
    {
        try await Self.admitted { fixture, principal in
            await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(
                    try Self.request(AccessFixture.uid(2).description), for: Self.uid, as: principal)
            }
            fixture.clock.advance(by: RequestQuota.pause)
            let issued = try await fixture.access.issueCertificate(
                try Self.request(nil), for: Self.uid, as: principal)
            #expect("\(try Certificate(pemEncoded: issued.certificate).subject)" == "CN=\(Self.uid)")
        }
    }

    @Test func `one request a minute, wrong ones included`() async throws {
        try await Self.admitted { fixture, principal in
            await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate("x", for: Self.uid, as: principal)
            }
            fixture.clock.advance(by: .seconds(20))
            let error = await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(try Self.request(), for: Self.uid, as: principal)
            }
            #expect(error == .tooMany(after: .seconds(40)))
            fixture.clock.advance(by: .seconds(40))
            _ = try await fixture.access.issueCertificate(try Self.request(), for: Self.uid, as: principal)
        }
    }

    @Test func `an agent that waits gets no certificate`() async throws {
        try await AccessFixture.with { fixture in
            let text = try await fixture.token().text
            #expect(try await fixture.enroll(with: text) == .waiting)
            let principal = try fixture.principal(text)
            await #expect(throws: AccessError.self) {
                try await fixture.access.issueCertificate(try Self.request(), for: Self.uid, as: principal)
            }
        }
    }

    @Test func `the authority is made once, and its key is its owner's only`() throws {
        try TemporaryDirectory.within { path in
            let clock = ManualClock()
            let first = try CertificateAuthority.open(in: path, clock: clock)
            let second = try CertificateAuthority.open(in: path, clock: clock)
            #expect(first.certificate == second.certificate)
            var status = stat()
            #expect(stat(CertificateAuthority.files(in: path).key, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `an authority of which a part is missing or belongs to another is not used`() throws {
        try TemporaryDirectory.within { path in
            let clock = ManualClock()
            _ = try CertificateAuthority.open(in: path, clock: clock)
            let files = CertificateAuthority.files(in: path)
            try PrivateFile.write(P256.Signing.PrivateKey().pemRepresentation, to: files.key)
            #expect(throws: AccessError.self) { try CertificateAuthority.open(in: path, clock: clock) }
            #expect(unlink(files.key) == 0)
            #expect(throws: AccessError.self) { try CertificateAuthority.open(in: path, clock: clock) }
        }
    }

    @Test func `managers of one store need one authority`() async throws {
        try await AccessFixture.with { fixture in
            try await TemporaryDirectory.withinAsync { path in
                let error = await #expect(throws: AccessError.self) {
                    _ = try await fixture.other(in: path)
                }
                #expect("\(error.map { "\($0)" } ?? "")".contains("agents-ca.key"))
            }
        }
    }
}
