internal import Glibc
internal import SwiftASN1

/// The time within which a certificate counts, in seconds since 1970-01-01T00:00:00Z.
struct CertificateLife {
    let begin: Int
    let end: Int

    /// Reads a certificate (RFC 5280 section 4.1) as far as needed; `nil` for anything else.
    init?(der: [UInt8]) {
        guard let certificate = try? DER.parse(der), let whole = Self.parts(certificate).first else {
            return nil
        }
        // version (when it is there), serial number, signature, issuer, validity.
        let parts = Self.parts(whole)
        let hasVersion = parts.first?.identifier.tagClass == .contextSpecific
        let index = hasVersion ? 4 : 3
        guard parts.indices.contains(index) else { return nil }
        let times = Self.parts(parts[index]).map { Self.seconds($0) }
        guard times.count == 2, let begin = times[0], let end = times[1], begin >= 0 else { return nil }
        self.begin = begin
        self.end = end
    }

    private static func parts(_ node: ASN1Node) -> [ASN1Node] {
        guard case .constructed(let parts) = node.content else { return [] }
        return Array(parts)
    }

    private static func seconds(_ node: ASN1Node) -> Int? {
        if let time = try? UTCTime(derEncoded: node) {
            return seconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
        }
        guard let time = try? GeneralizedTime(derEncoded: node) else { return nil }
        return seconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }

    private static func seconds(
        _ year: Int, _ month: Int, _ day: Int, _ hours: Int, _ minutes: Int, _ seconds: Int
    ) -> Int {
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hours)
        parts.tm_min = Int32(minutes)
        parts.tm_sec = Int32(seconds)
        return timegm(&parts)
    }
}
