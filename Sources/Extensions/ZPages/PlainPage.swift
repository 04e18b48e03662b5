/// A web page of headings, paragraphs and tables, without scripts; every text is escaped.
struct PlainPage {
    /// What stands in a table.
    enum Cell {
        case text(String)
        case link(String, String)
    }

    private let title: String
    private var body = ""

    init(title: String) {
        self.title = title
        body = "<h1>\(Self.escaped(title))</h1>\n"
    }

    mutating func heading(_ text: String) { body += "<h2>\(Self.escaped(text))</h2>\n" }

    mutating func paragraph(_ text: String) { body += "<p>\(Self.escaped(text))</p>\n" }

    mutating func table(_ headings: [String], _ rows: [[Cell]]) {
        let head = headings.map { "<th>\(Self.escaped($0))</th>" }.joined()
        body += "<table>\n<tr>\(head)</tr>\n"
        for row in rows { body += "<tr>\(row.map { "<td>\(Self.html($0))</td>" }.joined())</tr>\n" }
        body += "</table>\n"
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
        <style>body { font: 16px sans-serif; margin: 2em } table { border-collapse: collapse }
        th, td { border: 1px solid #999; padding: .3em .6em; text-align: left }</style></head>
        <body>
        \(body)</body></html>

        """
    }

    private static func html(_ cell: Cell) -> String {
        switch cell {
        case .text(let text): escaped(text)
        case .link(let text, let path): "<a href=\"\(escaped(path))\">\(escaped(text))</a>"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
