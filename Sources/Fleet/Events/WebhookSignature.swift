internal import CSodium
internal import Wire

/// How a receiver knows that an event comes from this manager and is no old one.
///
/// `Apus-Webhook-Timestamp` has the seconds since 1970, and `Apus-Webhook-Signature` is `v1=` and, in
/// hexadecimal digits, the HMAC-SHA256 of the timestamp, a point and the body, with the secret as its key.
/// `Apus-Webhook-Event` has the id of the event, the same for each attempt.
public enum WebhookSignature {
    public static let timestampField = "apus-webhook-timestamp"
    public static let signatureField = "apus-webhook-signature"
    public static let eventField = "apus-webhook-event"

    /// The value of `signatureField`.
    public static func sign(timestamp: String, body: [UInt8], secret: String) -> String {
        let key = Array(secret.utf8)
        let message = Array((timestamp + ".").utf8) + body
        var state = crypto_auth_hmacsha256_state()
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &digest)
        return "v1=" + Hexadecimal.text(of: digest)
    }

    /// A new secret: 32 random bytes in hexadecimal digits.
    static func newSecret() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        return Hexadecimal.text(of: bytes)
    }
}
