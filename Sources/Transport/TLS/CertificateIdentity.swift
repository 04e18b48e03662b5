internal import Wire

/// Who a certificate in DER is for, and which one of theirs it is (RFC 5280 section 4.1).
///
/// The certificate has been parsed and verified by the TLS library before; reading stops at anything that
/// does not look as it should.
struct CertificateIdentity: Equatable {
    /// The last common name in the subject, which is the most specific one; `nil` when there is none.
    let commonName: String?
    /// The serial number in hexadecimal, lower case and without leading zero bytes; `nil` when it cannot be
    /// read.
    let serial: String?
    /// The names, e-mail addresses and URIs of its subject beside that, as they are written; at most
    /// `nameLimit`.
    let alternativeNames: [String]

    /// Alternative names that are kept of a certificate.
    static let nameLimit = 64

    private enum Tag {
        static let utf8String: UInt8 = 0x0C
        static let printableString: UInt8 = 0x13
        static let ia5String: UInt8 = 0x16
        static let version: UInt8 = 0xA0
        static let extensions: UInt8 = 0xA3
        /// `rfc822Name`, `dNSName`, `uniformResourceIdentifier`.
        static let names: Set<UInt8> = [0x81, 0x82, 0x86]
    }

    /// `id-at-commonName`, 2.5.4.3.
    private static let commonNameType: [UInt8] = [0x55, 0x04, 0x03]
    /// `id-ce-subjectAltName`, 2.5.29.17.
    private static let alternativeNameType: [UInt8] = [0x55, 0x1D, 0x11]

    init(ofCertificate encoded: [UInt8]) {
        var parts = Self.signedParts(of: encoded)
        // The version is optional and stands before the serial number.
        let first = parts?.next()
        let serial = first?.tag == Tag.version ? parts?.next() : first
        self.serial = serial.map { Self.hexadecimal($0.content) }
        // Signature, issuer and validity stand before the subject.
        for _ in 0..<3 { _ = parts?.next() }
        var name: String?
        if let subject = parts?.next() {
            for entry in Elements(subject.content) {
                for attribute in Elements(entry.content) {
                    var pair = Elements(attribute.content)
                    guard let type = pair.next(), let value = pair.next() else { continue }
                    if type.content.elementsEqual(Self.commonNameType) { name = Self.text(of: value) }
                }
            }
        }
        commonName = name
        var names: [String] = []
        while let part = parts?.next() {
            if part.tag == Tag.extensions { names = Self.alternativeNames(in: part) }
        }
        alternativeNames = names
    }

    /// The names in the extensions of a certificate (RFC 5280 section 4.2.1.6).
    private static func alternativeNames(in extensions: Element) -> [String] {
        var list = Elements(extensions.content)
        guard let all = list.next() else { return [] }
        for entry in Elements(all.content) {
            // Whether it is critical may stand between the two.
            let parts = Array(Elements(entry.content).prefix(3))
            guard let type = parts.first, type.content.elementsEqual(alternativeNameType),
                let value = parts.last
            else { continue }
            var outer = Elements(value.content)
            guard let names = outer.next() else { return [] }
            return Elements(names.content).lazy.filter { Tag.names.contains($0.tag) }.prefix(nameLimit)
                .compactMap { String(validating: $0.content, as: UTF8.self) }
        }
        return []
    }

    /// What is inside the signed part of a certificate.
    private static func signedParts(of encoded: [UInt8]) -> Elements? {
        var outer = Elements(encoded[...])
        guard let certificate = outer.next() else { return nil }
        var parts = Elements(certificate.content)
        return parts.next().map { Elements($0.content) }
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        Hexadecimal.text(of: bytes.drop { $0 == 0 })
    }

    private static func text(of element: Element) -> String? {
        guard [Tag.utf8String, Tag.printableString, Tag.ia5String].contains(element.tag) else { return nil }
        return String(validating: element.content, as: UTF8.self)
    }

    /// One value: its tag and what is in it.
    private struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
    }

    /// The values that stand one after another.
    private struct Elements: Sequence, IteratorProtocol {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func next() -> Element? {
            guard let tag = rest.popFirst(), let length = length(), length <= rest.count else { return nil }
            defer { rest = rest.dropFirst(length) }
            return Element(tag: tag, content: rest.prefix(length))
        }

        private mutating func length() -> Int? {
            guard let first = rest.popFirst() else { return nil }
            if first < 0x80 { return Int(first) }
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
