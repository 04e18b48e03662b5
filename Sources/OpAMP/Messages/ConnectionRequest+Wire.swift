internal import Wire

extension ConnectionSettingsStatus.Status: WireEnumeration {
    static var unrecognized: Self { .unset }
}

extension ConnectionSettingsStatus: WireMessage {
    static let messageName: StaticString = "ConnectionSettingsStatus"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: lastHash = try decoder.bytes(field, "last_connection_settings_hash")
        case 2: status = try field.enumeration("status")
        case 3: errorMessage = try decoder.text(field, "error_message")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(lastHash, 1)
        writer.put(status, 2)
        writer.put(errorMessage, 3)
    }
}

/// `OpAMPConnectionSettingsRequest`, which holds nothing but the next.
private struct OpAMPRequest: WireMessage {
    static let messageName: StaticString = "OpAMPConnectionSettingsRequest"

    var certificate: CertificateRequest?

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { try decoder.message(field, "certificate_request", into: &certificate) }
    }

    func write(to writer: inout Writer) { writer.put(certificate, 1) }
}

private struct CertificateRequest: WireMessage {
    static let messageName: StaticString = "CertificateRequest"

    var csr: [UInt8] = []

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { csr = try decoder.bytes(field, "csr") }
    }

    func write(to writer: inout Writer) { writer.put(csr, 1) }
}

extension ConnectionSettingsRequest: WireMessage {
    static let messageName: StaticString = "ConnectionSettingsRequest"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return }
        var request: OpAMPRequest?
        try decoder.message(field, "opamp", into: &request)
        if let csr = request?.certificate?.csr { certificateSigningRequest = csr }
    }

    func write(to writer: inout Writer) {
        guard let certificateSigningRequest else { return }
        writer.put(OpAMPRequest(certificate: CertificateRequest(csr: certificateSigningRequest)), 1)
    }
}
