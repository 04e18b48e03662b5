/// Reads the subject out of a certificate in DER (RFC 5280 section 4.1).
///
/// The certificate has been parsed and verified by the TLS library before; reading stops at anything that
/// does not look as it should.
enum CertificateSubject {
    private enum Tag {
        static let utf8String: UInt8 = 0x0C
        static let printableString: UInt8 = 0x13
        static let ia5String: UInt8 = 0x16
        static let version: UInt8 = 0xA0
    }

    /// `id-at-commonName`, 2.5.4.3.
    private static let commonName: [UInt8] = [0x55, 0x04, 0x03]

    /// The last common name in the subject, which is the most specific one; `nil` when there is none.
    static func commonName(ofCertificate encoded: [UInt8]) -> String? {
        var outer = Elements(encoded[...])
        guard let certificate = outer.next() else { return nil }
        var certificateParts = Elements(certificate.content)
        guard let signed = certificateParts.next() else { return nil }
        var parts = Elements(signed.content)
        guard let first = parts.next() else { return nil }
        // Version is optional; serial number, signature, issuer and validity stand before the subject.
        let before = first.tag == Tag.version ? 4 : 3
        for _ in 0..<before {
            guard parts.next() != nil else { return nil }
        }
        guard let subject = parts.next() else { return nil }
        var result: String?
        for name in Elements(subject.content) {
            for attribute in Elements(name.content) {
                var pair = Elements(attribute.content)
                guard let type = pair.next(), let value = pair.next() else { continue }
                if type.content.elementsEqual(commonName) { result = text(of: value) }
            }
        }
        return result
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
