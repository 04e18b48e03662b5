internal import Logging
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Settings of the connection that the server gave and that were found to work, or are about to be tried.
struct AcceptedConnection: Sendable, Equatable {
    /// That of the offer.
    var hash: [UInt8]
    var endpoint: String
    /// `nil` leaves those of the configuration.
    var headers: [ConnectionHeader]?
    var heartbeat: UInt64
    var tls: TLSConnectionSettings?
    /// The certificate to show and its key, in PEM; empty for none.
    var certificate = ""
    var key = ""
    /// The servers of the configuration it was given for: with others it does not count any more.
    var origin: String

    private static let mark = "apus-opamp-connection-1"

    /// The text of a file; there are secrets in it.
    var text: String {
        let tree = Tree.table([
            "mark": .text(Self.mark), "hash": .text(Hexadecimal.text(of: hash)), "endpoint": .text(endpoint),
            "headers": headers.map { headers in
                .list(headers.map { .table(["key": .text($0.key), "value": .text($0.value)]) })
            } ?? .null,
            "heartbeat": .number(heartbeat), "tls": tls?.tree ?? .null, "certificate": .text(certificate),
            "private_key": .text(key), "origin": .text(origin),
        ])
        return tree.json() + "\n"
    }

    init(hash: [UInt8], endpoint: String, heartbeat: UInt64, origin: String) {
        self.hash = hash
        self.endpoint = endpoint
        self.heartbeat = heartbeat
        self.origin = origin
    }

    /// Reads what `text` has written; `nil` for anything else.
    init?(text: String) {
        guard let tree = try? Tree(json: text, source: ConfigurationSource(.inline, "connection")),
            tree["mark"]?.text == Self.mark, let endpoint = tree["endpoint"]?.text,
            let origin = tree["origin"]?.text
        else { return nil }
        self.init(
            hash: tree["hash"]?.text.flatMap { Hexadecimal.bytes(of: $0) } ?? [], endpoint: endpoint,
            heartbeat: tree["heartbeat"]?.text.flatMap { UInt64($0) } ?? 0, origin: origin)
        headers = tree["headers"]?.list?.map {
            ConnectionHeader($0["key"]?.text ?? "", $0["value"]?.text ?? "")
        }
        tls = tree["tls"].flatMap { TLSConnectionSettings($0) }
        certificate = tree["certificate"]?.text ?? ""
        key = tree["private_key"]?.text ?? ""
    }

    /// The server as it is reached with these settings, `base` being the one it was offered over.
    func place(over base: AgentPlace, _ settings: OpAMPServerSettings?, _ logger: Logger)
        throws(ComponentError)
        -> AgentPlace
    {
        let url = try ServerURL(endpoint)
        var fields = base.fields
        if let headers {
            fields = HTTPFields()
            for header in headers { fields.add(header.key, header.value) }
        }
        return AgentPlace(
            url: url, tls: url.isSecure ? try tls(settings, logger) : nil, fields: fields,
            authentication: headers == nil ? base.authentication : nil)
    }

    private func tls(_ settings: OpAMPServerSettings?, _ logger: Logger) throws(ComponentError) -> ClientTLS {
        var group = settings?.tls ?? TLSClientSettings()
        if let tls {
            group.caFile = ""
            group.caPEM = Secret(tls.authorities)
            group.includeSystemCACertsPool = tls.includesSystemAuthorities
            if let version = TLSCommonSettings.Version(rawValue: tls.minimumVersion) {
                group.common.minVersion = version
            }
            if let version = TLSCommonSettings.Version(rawValue: tls.maximumVersion) {
                group.common.maxVersion = version
            }
            if !tls.cipherSuites.isEmpty { group.common.cipherSuites = tls.cipherSuites }
        }
        if !certificate.isEmpty {
            group.common.certFile = ""
            group.common.keyFile = ""
            group.common.certPEM = Secret(certificate)
            group.common.keyPEM = Secret(key)
        }
        return try group.make(logger)
    }
}

extension TLSConnectionSettings {
    fileprivate var tree: Tree {
        .table([
            "authorities": .text(authorities), "system": .bool(includesSystemAuthorities),
            "minimum": .text(minimumVersion), "maximum": .text(maximumVersion),
            "suites": .list(cipherSuites.map { .text($0) }),
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard tree.table != nil else { return nil }
        self.init()
        authorities = tree["authorities"]?.text ?? ""
        includesSystemAuthorities = tree["system"]?.text == "true"
        minimumVersion = tree["minimum"]?.text ?? ""
        maximumVersion = tree["maximum"]?.text ?? ""
        cipherSuites = (tree["suites"]?.list ?? []).compactMap(\.text)
    }
}
