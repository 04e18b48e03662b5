internal import Logging
public import Pipeline
internal import Settings
internal import Synchronization
public import Telemetry
public import Transport

/// Tokens in a header field (RFC 6750; otelcol's bearertokenauth), for receivers and exporters.
public struct BearerTokenAuth: ServerAuthenticator, ClientAuthenticator {
    public static let name = "bearertokenauth"
    public static let summary = "Checks or sends bearer tokens."

    private let header: String
    private let scheme: String
    private let file: SecretFile?
    private let tokens: TokenList
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        header = configuration.header.lowercased()
        scheme = configuration.scheme
        self.context = context
        if configuration.filename.isEmpty {
            file = nil
            let one = configuration.token.isEmpty ? [] : [configuration.token]
            tokens = TokenList(
                (configuration.tokens.isEmpty ? one : configuration.tokens).map { $0.reveal() })
        } else {
            let file = try SecretFile(configuration.filename, key: "filename")
            self.file = file
            tokens = TokenList(Self.tokens(in: file.text))
            guard !tokens.isEmpty else {
                throw ComponentError("there is no token in \"\(file.path)\"", key: "filename")
            }
            if !configuration.token.isEmpty || !configuration.tokens.isEmpty {
                context.logger.warning("token and tokens are not used, because filename is set")
            }
        }
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        await SecretFile.watch(file.map { [$0] } ?? [], in: context, during: session) {
            [tokens, file, context] in
            guard let file else { return }
            let found = Self.tokens(in: file.text)
            if found.isEmpty {
                context.logger.error("there is no token in \"\(file.path)\"; those before stay in use")
            } else {
                tokens.use(found)
            }
        }
    }

    private static func tokens(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = line.drop(while: \.isWhitespace)
            return line.lastIndex { !$0.isWhitespace }.map { String(line[...$0]) }
        }
    }

    // MARK: - Receivers

    public func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
        let values = request.fields.all(header)
        guard let value = values.first else { return .refused(refusal("no token was sent in \(header)")) }
        guard values.count == 1 else { return .refused(refusal("there is more than one field \(header)")) }
        guard let token = token(of: value), tokens.contains(token) else {
            return .refused(refusal("the scheme or the token is wrong"))
        }
        return .granted(.anonymous)
    }

    /// What stands behind the scheme, whose case does not count; `nil` when there is another one.
    private func token(of value: String) -> String? {
        guard !scheme.isEmpty else { return value }
        guard value.utf8.count > scheme.utf8.count else { return nil }
        let end = value.utf8.index(value.startIndex, offsetBy: scheme.utf8.count)
        guard value.utf8[end] == UInt8(ascii: " "),
            String(value.utf8[..<end])?.lowercased() == scheme.lowercased()
        else { return nil }
        return String(value.utf8[value.utf8.index(after: end)...])
    }

    private func refusal(_ reason: String) -> AuthenticationRefusal {
        .unauthenticated(reason: reason, challenge: "\(scheme.isEmpty ? "Bearer" : scheme) realm=\"apus\"")
    }

    // MARK: - Exporters

    public func authorize(
        _ fields: HTTPFields, for origin: Origin?
    ) async throws(ExportFailure) -> HTTPFields {
        var fields = fields
        fields[header] = authorization
        return fields
    }

    /// After a change of the file the next attempt has another token.
    public func wasRefused(_ fields: HTTPFields) -> Bool { authorization != fields[header] }

    private var authorization: String { scheme.isEmpty ? tokens.first : "\(scheme) \(tokens.first)" }
}
