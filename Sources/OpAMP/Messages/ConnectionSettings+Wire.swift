internal import Wire

extension ConnectionHeader: WireMessage {
    static let messageName: StaticString = "Header"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: key = try decoder.text(field, "key")
        case 2: value = try decoder.text(field, "value")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(key, 1)
        writer.put(value, 2)
    }
}

/// The message around a list of headers.
private struct HeaderList: WireMessage {
    static let messageName: StaticString = "Headers"

    var headers: [ConnectionHeader] = []

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return }
        try decoder.countEntry(field)
        try decoder.element(field, "headers", into: &headers)
    }

    func write(to writer: inout Writer) { writer.put(headers, 1) }
}

extension MessageDecoder {
    mutating func headers(
        _ field: Field, _ name: StaticString, into headers: inout [ConnectionHeader]?
    ) throws(OpAMPError) {
        var list = headers.map { HeaderList(headers: $0) }
        headers = nil
        try message(field, name, into: &list)
        headers = list?.headers
    }
}

extension Writer {
    mutating func put(headers: [ConnectionHeader]?, _ number: Int) {
        put(headers.map { HeaderList(headers: $0) }, number)
    }
}

extension TLSCertificate: WireMessage {
    static let messageName: StaticString = "TLSCertificate"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: certificate = try decoder.bytes(field, "cert")
        case 2: privateKey = try decoder.bytes(field, "private_key")
        case 3: authority = try decoder.bytes(field, "ca_cert")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(certificate, 1)
        writer.put(privateKey, 2)
        writer.put(authority, 3)
    }
}

extension TLSConnectionSettings: WireMessage {
    static let messageName: StaticString = "TLSConnectionSettings"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: authorities = try decoder.text(field, "ca_pem_contents")
        case 2: includesSystemAuthorities = try field.bool("include_system_ca_certs_pool")
        case 3: skipsVerification = try field.bool("insecure_skip_verify")
        case 4: minimumVersion = try decoder.text(field, "min_version")
        case 5: maximumVersion = try decoder.text(field, "max_version")
        case 6:
            try decoder.countEntry(field)
            cipherSuites.append(try decoder.text(field, "cipher_suites"))
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(authorities, 1)
        writer.put(includesSystemAuthorities, 2)
        writer.put(skipsVerification, 3)
        writer.put(minimumVersion, 4)
        writer.put(maximumVersion, 5)
        for suite in cipherSuites { writer.write(string: suite, 6) }
    }
}

extension ProxyConnectionSettings: WireMessage {
    static let messageName: StaticString = "ProxyConnectionSettings"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: url = try decoder.text(field, "url")
        case 2: try decoder.headers(field, "connect_headers", into: &connectHeaders)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(url, 1)
        writer.put(headers: connectHeaders, 2)
    }
}

extension OpAMPConnectionSettings: WireMessage {
    static let messageName: StaticString = "OpAMPConnectionSettings"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: endpoint = try decoder.text(field, "destination_endpoint")
        case 2: try decoder.headers(field, "headers", into: &headers)
        case 3: try decoder.message(field, "certificate", into: &certificate)
        case 4: heartbeatInterval = try field.varint("heartbeat_interval_seconds")
        case 5: try decoder.message(field, "tls", into: &tls)
        case 6: try decoder.message(field, "proxy", into: &proxy)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(endpoint, 1)
        writer.put(headers: headers, 2)
        writer.put(certificate, 3)
        writer.put(heartbeatInterval, 4)
        writer.put(tls, 5)
        writer.put(proxy, 6)
    }
}

extension TelemetryConnectionSettings: WireMessage {
    static let messageName: StaticString = "TelemetryConnectionSettings"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: endpoint = try decoder.text(field, "destination_endpoint")
        case 2: try decoder.headers(field, "headers", into: &headers)
        case 3: try decoder.message(field, "certificate", into: &certificate)
        case 4: try decoder.message(field, "tls", into: &tls)
        case 5: try decoder.message(field, "proxy", into: &proxy)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(endpoint, 1)
        writer.put(headers: headers, 2)
        writer.put(certificate, 3)
        writer.put(tls, 4)
        writer.put(proxy, 5)
    }
}

extension OtherConnectionSettings: WireMessage {
    static let messageName: StaticString = "OtherConnectionSettings"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: endpoint = try decoder.text(field, "destination_endpoint")
        case 2: try decoder.headers(field, "headers", into: &headers)
        case 3: try decoder.message(field, "certificate", into: &certificate)
        case 4:
            try decoder.countEntry(field)
            try decoder.entry(field, "other_settings", into: &otherSettings)
        case 5: try decoder.message(field, "tls", into: &tls)
        case 6: try decoder.message(field, "proxy", into: &proxy)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(endpoint, 1)
        writer.put(headers: headers, 2)
        writer.put(certificate, 3)
        writer.put(otherSettings, 4)
        writer.put(tls, 5)
        writer.put(proxy, 6)
    }
}

extension ConnectionSettingsOffers: WireMessage {
    static let messageName: StaticString = "ConnectionSettingsOffers"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: hash = try decoder.bytes(field, "hash")
        case 2: try decoder.message(field, "opamp", into: &opamp)
        case 3: try decoder.message(field, "own_metrics", into: &ownMetrics)
        case 4: try decoder.message(field, "own_traces", into: &ownTraces)
        case 5: try decoder.message(field, "own_logs", into: &ownLogs)
        case 6:
            try decoder.countEntry(field)
            try decoder.entry(field, "other_connections", into: &otherConnections)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(hash, 1)
        writer.put(opamp, 2)
        writer.put(ownMetrics, 3)
        writer.put(ownTraces, 4)
        writer.put(ownLogs, 5)
        writer.put(otherConnections, 6)
    }
}
