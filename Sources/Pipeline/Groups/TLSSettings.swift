public import Logging
public import Settings
public import Transport

/// The keys that both ends of TLS share: certificate, key and rules, with otelcol's names.
public struct TLSCommonSettings: SettingGroup, Equatable {
    /// A version of TLS as otelcol writes it.
    public enum Version: String, CaseIterable, SettingChoice {
        case automatic = ""
        case tls10 = "1.0"
        case tls11 = "1.1"
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    public var certFile = ""
    public var certPEM = Secret("")
    public var keyFile = ""
    public var keyPEM = Secret("")
    public var minVersion = Version.automatic
    public var maxVersion = Version.automatic
    public var cipherSuites: [String] = []
    public var reloadInterval = Duration.zero

    public init() {}

    public static var fields: [Field<TLSCommonSettings>] {
        [
            Field("cert_file", \.certFile, "PEM file with the certificate to show, and its chain."),
            Field("cert_pem", \.certPEM, "The certificate itself, instead of a file."),
            Field("key_file", \.keyFile, "PEM file with the private key of the certificate."),
            Field("key_pem", \.keyPEM, "The private key itself, instead of a file."),
            Field("min_version", \.minVersion, "Oldest version of TLS that is accepted; empty is 1.2."),
            Field(
                "max_version", \.maxVersion,
                "Newest version of TLS that is offered; empty is the newest there is."),
            Field(
                "cipher_suites", \.cipherSuites,
                "IETF names of the suites for TLS 1.2; empty is a safe choice."),
            Field(
                "reload_interval", \.reloadInterval,
                "Least time between two looks at the files; 0 looks at every new connection."
            ) {
                $0 < .zero ? "must not be negative" : nil
            },
            .unsupported("include_insecure_cipher_suites", "name the suites under cipher_suites"),
            .unsupported("curve_preferences", "the curves are chosen by the TLS library"),
            .unsupported("tpm", "keys in a TPM are not part of this version"),
        ]
    }

    public func check() -> [Problem] {
        var found: [Problem] = []
        if !certFile.isEmpty && !certPEM.isEmpty {
            found.append(Problem("cert_pem", "cert_file is set as well; use one"))
        }
        if !keyFile.isEmpty && !keyPEM.isEmpty {
            found.append(Problem("key_pem", "key_file is set as well; use one"))
        }
        let hasCertificate = !certFile.isEmpty || !certPEM.isEmpty
        let hasKey = !keyFile.isEmpty || !keyPEM.isEmpty
        if hasCertificate && !hasKey {
            found.append(Problem("cert_file", "a certificate needs its key_file or key_pem"))
        }
        if hasKey && !hasCertificate {
            found.append(Problem("key_file", "a key needs its cert_file or cert_pem"))
        }
        return found
    }

    /// Certificate and key, when there are any.
    var identity: TLSIdentity? {
        guard let certificate = Self.source(certFile, certPEM), let key = Self.source(keyFile, keyPEM) else {
            return nil
        }
        return TLSIdentity(certificate: certificate, key: key)
    }

    var policy: TLSPolicy {
        var policy = TLSPolicy()
        policy.minVersion = TLSProtocolVersion(rawValue: minVersion.rawValue) ?? .tls12
        policy.maxVersion = TLSProtocolVersion(rawValue: maxVersion.rawValue)
        policy.cipherSuites = cipherSuites
        policy.reloadInterval = reloadInterval > .zero ? reloadInterval : nil
        return policy
    }

    static func source(_ file: String, _ text: Secret) -> PEMSource? {
        if !file.isEmpty { return .file(file) }
        return text.isEmpty ? nil : .text(text.reveal())
    }
}

/// `tls` of a server.
public struct TLSServerSettings: SettingGroup, Equatable {
    public var common = TLSCommonSettings()
    public var clientCAFile = ""

    public init() {}

    public static var fields: [Field<TLSServerSettings>] {
        [
            Field(embedding: \.common),
            Field(
                "client_ca_file", \.clientCAFile,
                "PEM file of the authorities of client certificates; setting it makes clients show one."
            ),
            .unsupported(
                "client_ca_file_reload", "the file is always read again when it changes; leave it out"),
            .unsupported("ca_file", "use client_ca_file for the authorities of clients"),
            .unsupported("ca_pem", "use client_ca_file for the authorities of clients"),
        ]
    }

    public func check() -> [Problem] {
        common.identity == nil && common.check().isEmpty
            ? [Problem("cert_file", "a server needs cert_file and key_file")] : []
    }

    /// TLS as configured; reads the files and throws what is wrong with them.
    ///
    /// `optionalAuthorities` are those of certificates that clients may show, for servers that know their
    /// clients in other ways, too; `client_ca_file` goes before them and makes certificates a duty, unless
    /// `isCertificateOptional`.
    public func make(
        _ logger: Logger, optionalAuthorities: PEMSource? = nil, isCertificateOptional: Bool = false
    ) throws(ComponentError) -> ServerTLS {
        guard let identity = common.identity else {
            throw ComponentError("a TLS server needs cert_file and key_file", key: "tls")
        }
        var options = ServerTLS.Options(identity: identity)
        options.policy = common.policy
        options.clientAuthorities = clientCAFile.isEmpty ? optionalAuthorities : .file(clientCAFile)
        options.clientCertificateIsOptional = clientCAFile.isEmpty || isCertificateOptional
        do throws(TransportError) {
            return try ServerTLS(options, logger: logger)
        } catch {
            throw ComponentError(error.description, key: "tls")
        }
    }
}

/// `tls` of a client.
public struct TLSClientSettings: SettingGroup, Equatable {
    public var common = TLSCommonSettings()
    public var insecure = false
    public var insecureSkipVerify = false
    public var serverNameOverride = ""
    public var caFile = ""
    public var caPEM = Secret("")
    public var includeSystemCACertsPool = false

    public init() {}

    public static var fields: [Field<TLSClientSettings>] {
        [
            Field("insecure", \.insecure, "Whether to connect without TLS."),
            Field(
                "insecure_skip_verify", \.insecureSkipVerify,
                "Whether to accept any certificate; gives up the protection TLS is for."),
            Field("server_name_override", \.serverNameOverride, "The name the certificate must be for."),
            Field(
                "ca_file", \.caFile, "PEM file of the authorities to trust; empty are those of the system."),
            Field("ca_pem", \.caPEM, "The authorities themselves, instead of a file."),
            Field(
                "include_system_ca_certs_pool", \.includeSystemCACertsPool,
                "Whether the authorities of the system are trusted beside ca_file."),
            Field(embedding: \.common),
        ]
    }

    public func check() -> [Problem] {
        !caFile.isEmpty && !caPEM.isEmpty ? [Problem("ca_pem", "ca_file is set as well; use one")] : []
    }

    /// TLS as configured; reads the files and throws what is wrong with them.
    public func make(_ logger: Logger) throws(ComponentError) -> ClientTLS {
        var options = ClientTLS.Options()
        options.authorities = TLSCommonSettings.source(caFile, caPEM)
        options.includesSystemAuthorities = includeSystemCACertsPool
        options.identity = common.identity
        options.skipsVerification = insecureSkipVerify
        options.serverName = serverNameOverride.isEmpty ? nil : serverNameOverride
        options.policy = common.policy
        do throws(TransportError) {
            return try ClientTLS(options, logger: logger)
        } catch {
            throw ComponentError(error.description, key: "tls")
        }
    }
}
