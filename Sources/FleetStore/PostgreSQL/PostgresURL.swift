internal import CPostgreSQL

/// The URL of a database, and what must not be shown of it.
struct PostgresURL: Sendable {
    let text: String
    private let password: String

    /// Reads a URL as libpq does.
    init(_ text: String) throws(StoreError) {
        self.text = text
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            PQfreemem(message)
            // The message of libpq repeats parts of the URL, a password among them.
            throw .cannotOpen(
                "the URL of PostgreSQL is not like postgres://user@host:5432/database?sslmode=require")
        }
        defer { PQconninfoFree(options) }
        var password = ""
        var option = options
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "password", let value = option.pointee.val {
                password = String(cString: value)
            }
            option += 1
        }
        self.password = password
    }

    /// A message of libpq or of the server, on one line and without the password.
    func shown(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\t" || $0 == " " } }
            .joined(separator: "; ")
        return password.isEmpty ? line : line.replacing(password, with: "***")
    }
}
