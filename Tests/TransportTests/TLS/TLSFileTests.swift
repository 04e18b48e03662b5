import Foundation
import Logging
import Testing

@testable import Transport

@Suite(.enabled(if: TestCertificates.canBeMade)) struct TLSFileTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates()
        try certificates.makeAuthority("first")
        try certificates.makeAuthority("second")
        try "nothing".write(toFile: certificates.path("text"), atomically: true, encoding: .utf8)
    }

    private func refusal(certificate: String, key: String) -> TransportError? {
        let identity = TLSIdentity(
            certificate: .file(certificates.path(certificate)), key: .file(certificates.path(key)))
        do throws(TransportError) {
            _ = try ServerTLS(.init(identity: identity), logger: .silent)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("absent", "first.key", "cannot read the certificate file", "absent", "No such file or directory"),
        ("first.crt", "absent", "cannot read the private key file", "absent", "No such file or directory"),
        ("text", "first.key", "holds no PEM certificate", "text", "certificate"),
        ("first.key", "first.key", "holds no PEM certificate", "first.key", "certificate"),
        ("first.crt", "text", "holds no PEM private key", "text", "encrypted"),
        ("first.crt", "first.crt", "holds no PEM private key", "first.crt", "encrypted"),
        ("first.crt", "second.key", "does not match the certificate in", "second.key", "first.crt"),
    ])
    func `what is wrong is said with the file`(
        certificate: String, key: String, what: String, file: String, detail: String
    ) throws {
        let error = try #require(refusal(certificate: certificate, key: key))
        #expect(error.kind == .tls)
        #expect(error.message.contains(what))
        #expect(error.message.contains("\"\(certificates.path(file))\""))
        #expect(error.message.contains(detail))
    }

    @Test func `PEM text does as well as a file and is never repeated in errors`() throws {
        let certificate = try String(contentsOfFile: certificates.path("first.crt"), encoding: .utf8)
        let key = try String(contentsOfFile: certificates.path("first.key"), encoding: .utf8)
        let good = TLSIdentity(certificate: .text(certificate), key: .text(key))
        _ = try ServerTLS(.init(identity: good), logger: .silent)
        let bad = TLSIdentity(certificate: .text(certificate), key: .text("my secret"))
        let error = #expect(throws: TransportError.self) {
            try ServerTLS(.init(identity: bad), logger: .silent)
        }
        #expect(error?.message.contains("secret") == false)
    }

    @Test func `cipher suites go by their IETF names`() throws {
        var options = ClientTLS.Options()
        for suite in TLSPolicy.knownCipherSuites {
            options.policy.cipherSuites = [suite]
            _ = try ClientTLS(options, logger: .silent)
        }
        options.policy.cipherSuites = ["TLS_AES_128_GCM_SHA256"]
        _ = try ClientTLS(options, logger: .silent)
        options.policy.cipherSuites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_MADE_UP"]
        let error = #expect(throws: TransportError.self) { try ClientTLS(options, logger: .silent) }
        #expect(error?.message.contains("\"TLS_MADE_UP\"") == true)
    }

    @Test func `a maximum version below the minimum is refused`() {
        var options = ClientTLS.Options()
        options.policy.maxVersion = .tls11
        let error = #expect(throws: TransportError.self) { try ClientTLS(options, logger: .silent) }
        #expect(error?.message == "TLS max_version 1.1 is older than min_version 1.2")
    }

    @Test func `files are looked at no more often than the interval says`() throws {
        var often = ServerTLS.Options(identity: certificates.identity("first"))
        often.policy.reloadInterval = .zero
        var seldom = often
        seldom.policy.reloadInterval = .seconds(3600)
        for (options, changes) in [(often, true), (seldom, false)] {
            try certificates.makeAuthority("first")
            let tls = try ServerTLS(options, logger: .silent)
            let before = try tls.context()
            try certificates.replace("first", with: "second")
            let isSame = try tls.context() === before
            #expect(isSame != changes)
        }
    }
}
