internal import Settings

/// One page of a list, with the way to the next.
///
/// A token names the last element of its page, not a number, so what is added or removed meanwhile makes no
/// element appear twice.
struct Page {
    static let defaultSize = 100
    static let sizes = 1...1000

    /// The page of `items` that a call asks for.
    ///
    /// - Parameters:
    ///   - name: the key that the elements stand under.
    ///   - items: all elements, each with a key that it keeps; sorted by these keys here.
    ///   - query: has `page_size` and `page_token`.
    /// - Returns: a table with the elements and, unless it is the last page, `next_page_token`.
    /// - Throws: 400 for a size out of bounds and for a token that is none.
    static func of(
        _ name: String, _ items: [(key: String, value: Tree)], _ query: Query
    ) throws(AdminProblem) -> Tree {
        let size = try query.number("page_size", in: sizes) ?? defaultSize
        var rest = items.sorted { $0.key < $1.key }[...]
        if let token = query["page_token"], !token.isEmpty {
            guard let last = key(of: token) else {
                throw .badRequest("page_token must be the next_page_token of the page before")
            }
            rest = rest.drop { $0.key <= last }
        }
        let page = rest.prefix(size)
        var entries = [Tree.Entry(name, .list(page.map(\.value)))]
        if rest.count > size, let last = page.last {
            entries.append(.init("next_page_token", .text(Hash.hexadecimal(Array(last.key.utf8)))))
        }
        return Tree(.table(entries))
    }

    /// Checks what asks for a page, where there may turn out to be none.
    static func check(_ query: Query) throws(AdminProblem) { _ = try of("", [], query) }

    private static func key(of token: String) -> String? {
        let digits = Array(token)
        guard digits.count.isMultiple(of: 2), digits.count <= 8192 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard digits[index].isASCII, digits[index + 1].isASCII,
                let high = digits[index].hexDigitValue, let low = digits[index + 1].hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A number as a key that sorts as the number does; `descending` the other way round.
    static func key(_ number: UInt64, descending: Bool = false) -> String {
        let digits = String(descending ? UInt64.max - number : number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
