internal import Delivery
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Asks a server for a token (RFC 6749, sections 4.4 and 5).
struct TokenRequest: Sendable {
    /// Where the client's id and secret stand in the request.
    enum Style: Sendable {
        /// In the header field, as every server must accept.
        case header
        /// In the body, as some want it.
        case body
    }

    /// What a server gave.
    struct Token: Sendable {
        /// The value of the header field `authorization`.
        let authorization: Secret
        /// How long it is valid; `nil` when the server does not say.
        let lifetime: Duration?
    }

    /// Why there is no token; the reason has no secret in it.
    struct Failure: Error {
        let reason: String
        /// Whether the server does not accept the client, or not in this style.
        let isRefusal: Bool
    }

    /// The most bytes of an answer.
    static let answerLimit = 1 << 20

    private let configuration: OAuth2Client.Configuration
    private let client: Client
    private let path: String

    init(_ configuration: OAuth2Client.Configuration, client: Client, path: String) {
        self.configuration = configuration
        self.client = client
        self.path = path
    }

    /// The id and the secret as the files say now.
    func credentials() throws(ComponentError) -> (id: String, secret: String) {
        (
            try Self.value(configuration.clientIDFile, or: configuration.clientID, "client_id_file"),
            try Self.value(
                configuration.clientSecretFile, or: configuration.clientSecret.reveal(), "client_secret_file")
        )
    }

    private static func value(
        _ path: String, or text: String, _ key: String
    ) throws(ComponentError) -> String {
        path.isEmpty ? text : try SecretFile(path, key: key).line
    }

    /// One request.
    func send(_ style: Style) async throws(Failure) -> Token {
        let (id, secret): (String, String)
        do throws(ComponentError) {
            (id, secret) = try credentials()
        } catch {
            throw Failure(reason: error.description, isRefusal: false)
        }
        let timeout = configuration.timeout > .zero ? configuration.timeout : .seconds(60)
        let response: ClientResponse
        do throws(TransportError) {
            response = try await client.send(request(style, id, secret), timeout: timeout)
        } catch {
            throw Failure(reason: "cannot get a token: \(error)", isRefusal: false)
        }
        do throws(Failure) {
            return try Self.token(response)
        } catch {
            // A server may repeat what it was sent.
            let hidden = [secret, Base64.encoded("\(id):\(secret)"), FormText.encoded(secret)]
            let said = SecretEcho.removed(hidden, from: error.reason)
            throw Failure(
                reason: "cannot get a token from \(client.target): \(said)", isRefusal: error.isRefusal)
        }
    }

    private func request(_ style: Style, _ id: String, _ secret: String) -> ClientRequest {
        var fields: HTTPFields = [
            "content-type": "application/x-www-form-urlencoded", "accept": "application/json",
        ]
        var pairs = [("grant_type", configuration.grantType.rawValue)]
        if !configuration.scopes.isEmpty {
            pairs.append(("scope", configuration.scopes.joined(separator: " ")))
        }
        switch style {
        case .header:
            let pair = "\(FormText.encoded(id)):\(FormText.encoded(secret))"
            fields.add("authorization", "Basic " + Base64.encoded(pair))
        case .body: pairs += [("client_id", id), ("client_secret", secret)]
        }
        for (name, parameter) in configuration.endpointParameters.sorted(by: { $0.key < $1.key }) {
            pairs += parameter.values.map { (name, $0.reveal()) }
        }
        let body = pairs.map { "\(FormText.encoded($0.0))=\(FormText.encoded($0.1))" }.joined(separator: "&")
        return ClientRequest(path: path, fields: fields, body: [Bytes(utf8: body)])
    }

    // MARK: - Answers

    private static func token(_ response: ClientResponse) throws(Failure) -> Token {
        let answer: JSONValue?
        do throws(JSONParser.Failure) {
            answer = try JSONParser.parse(response.body.array, limit: answerLimit)
        } catch {
            guard response.status != 200 else {
                throw Failure(reason: "the answer is not JSON: \(error.reason)", isRefusal: false)
            }
            answer = nil
        }
        guard response.status == 200 else { throw refusal(response.status, answer) }
        guard let value = answer?["access_token"]?.text, !value.isEmpty,
            HeaderRules.problem(ofValue: value) == nil
        else {
            throw Failure(reason: "the answer has no access_token that can be used", isRefusal: false)
        }
        let type = answer?["token_type"]?.text ?? "Bearer"
        guard type.lowercased() == "bearer" else {
            throw Failure(reason: "the token is of the type \(type.prefix(64)), not Bearer", isRefusal: false)
        }
        let seconds = answer?["expires_in"]?.integer.map { min(max($0, 0), 10 * 365 * 86_400) }
        return Token(
            authorization: Secret("Bearer " + value),
            // Servers that mean "never" write 0, as Go's library reads it.
            lifetime: seconds.flatMap { $0 > 0 ? .seconds($0) : nil })
    }

    private static func refusal(_ status: Int, _ answer: JSONValue?) -> Failure {
        let said = [answer?["error"]?.text, answer?["error_description"]?.text].compactMap { $0 }
            .map { String($0.filter { !$0.isNewline }) }.joined(separator: ": ")
        let redirect = (300...399).contains(status) ? "; redirects are not followed" : ""
        return Failure(
            reason:
                "it answered with status \(status)\(said.isEmpty ? "" : ": \(said.prefix(512))")\(redirect)",
            isRefusal: status == 400 || status == 401)
    }
}
