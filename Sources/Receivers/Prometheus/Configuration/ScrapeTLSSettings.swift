internal import Logging
internal import Pipeline
public import Settings
internal import Transport

/// `tls_config`, with the keys of Prometheus.
public struct ScrapeTLSSettings: SettingGroup, Equatable {
    /// A version of TLS as Prometheus writes it.
    public enum Version: String, CaseIterable, SettingChoice {
        case automatic = ""
        case tls10 = "TLS10"
        case tls11 = "TLS11"
        case tls12 = "TLS12"
        case tls13 = "TLS13"

        var version: TLSProtocolVersion? {
            switch self {
            case .automatic: nil
            case .tls10: .tls10
            case .tls11: .tls11
            case .tls12: .tls12
            case .tls13: .tls13
            }
        }
    }

    public var ca = Secret("")
    public var caFile = ""
    public var cert = Secret("")
    public var certFile = ""
    public var key = Secret("")
    public var keyFile = ""
    public var serverName = ""
    public var insecureSkipVerify = false
    public var minVersion = Version.automatic
    public var maxVersion = Version.automatic

    public init() {}

    public static var fields: [Field<ScrapeTLSSettings>] {
        [
            Field("ca", \.ca, "PEM of the authorities to trust."),
            Field(
                "ca_file", \.caFile, "PEM file of the authorities to trust; empty are those of the system."),
            Field("cert", \.cert, "PEM of the certificate to show."),
            Field("cert_file", \.certFile, "PEM file of the certificate to show."),
            Field("key", \.key, "PEM of the key of the certificate."),
            Field("key_file", \.keyFile, "PEM file of the key of the certificate."),
            Field("server_name", \.serverName, "The name the certificate must be for."),
            Field(
                "insecure_skip_verify", \.insecureSkipVerify,
                "Whether to accept any certificate; gives up the protection TLS is for."),
            Field("min_version", \.minVersion, "Oldest version that is accepted; empty is TLS12."),
            Field(
                "max_version", \.maxVersion, "Newest version that is offered; empty is the newest there is."),
            .unsupported("ca_ref", "there are no secrets to refer to; use ca_file"),
            .unsupported("cert_ref", "there are no secrets to refer to; use cert_file"),
            .unsupported("key_ref", "there are no secrets to refer to; use key_file"),
        ]
    }

    public func check() -> [Problem] {
        let hasCertificate = !cert.isEmpty || !certFile.isEmpty
        let hasKey = !key.isEmpty || !keyFile.isEmpty
        if hasCertificate != hasKey {
            return [
                Problem(
                    hasCertificate ? "cert_file" : "key_file",
                    "needs \(hasCertificate ? "key_file" : "cert_file") as well")
            ]
        }
        let twice = [
            ("ca_file", !ca.isEmpty && !caFile.isEmpty), ("cert_file", !cert.isEmpty && !certFile.isEmpty),
            ("key_file", !key.isEmpty && !keyFile.isEmpty),
        ].filter { $0.1 }
        return twice.map { Problem($0.0, "\($0.0.dropLast(5)) is set as well; use one of them") }
    }

    /// TLS as configured; reads the files and throws what is wrong with them.
    func make(_ logger: Logger) throws(ComponentError) -> ClientTLS {
        var options = ClientTLS.Options()
        options.authorities = Self.source(caFile, ca)
        if let certificate = Self.source(certFile, cert), let key = Self.source(keyFile, key) {
            options.identity = TLSIdentity(certificate: certificate, key: key)
        }
        options.skipsVerification = insecureSkipVerify
        options.serverName = serverName.isEmpty ? nil : serverName
        if let version = minVersion.version { options.policy.minVersion = version }
        options.policy.maxVersion = maxVersion.version
        do throws(TransportError) {
            return try ClientTLS(options, logger: logger)
        } catch {
            throw ComponentError(error.description, key: "tls_config")
        }
    }

    private static func source(_ file: String, _ text: Secret) -> PEMSource? {
        file.isEmpty ? (text.isEmpty ? nil : .text(text.reveal())) : .file(file)
    }
}
