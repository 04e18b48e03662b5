public import Settings

/// One page of a list, with the way to the next.
///
/// A token names the last element of its page, not a number, so what is added or removed meanwhile makes no
/// element appear twice.
public enum Page {
    public static let defaultSize = 100
    public static let sizes = 1...1000

    /// The page of `items` that a call asks for.
    ///
    /// - Parameters:
    ///   - name: the key that the elements stand under.
    ///   - items: all elements, each with a key that it keeps; sorted by these keys here.
    ///   - query: has `page_size` and `page_token`.
    /// - Returns: a table with the elements and, unless it is the last page, `next_page_token`.
    /// - Throws: 400 for a size out of bounds and for a token that is none.
    public static func of(
        _ name: String, _ items: [(key: String, value: Tree)], _ query: Query
    ) throws(APIProblem) -> Tree {
        let (size, last) = try wanted(query)
        var rest = items.sorted { $0.key < $1.key }[...]
        if let last { rest = rest.drop { $0.key <= last } }
        let page = rest.prefix(size)
        return table(name, page.map(\.value), last: rest.count > size ? page.last?.key : nil)
    }

    /// What a call asks for, where a service of its own finds the elements of a page.
    ///
    /// - Parameter query: has `page_size` and `page_token`.
    /// - Returns: the number of elements, and the key of the last one of the page before.
    /// - Throws: 400 for a size out of bounds and for a token that is none.
    public static func wanted(_ query: Query) throws(APIProblem) -> (size: Int, after: String?) {
        let size = try query.number("page_size", in: sizes) ?? defaultSize
        guard let token = query["page_token"], !token.isEmpty else { return (size, nil) }
        guard let last = key(of: token) else { throw noToken }
        return (size, last)
    }

    /// What a call asks for, where elements have numbers from 1 on and the highest come first.
    ///
    /// - Parameter query: has `page_size` and `page_token`.
    /// - Returns: the number of elements, and the number that all of them are below; `nil` for the first
    ///   page.
    /// - Throws: 400 for a size out of bounds and for a token that is no positive number.
    public static func wantedNumbers(_ query: Query) throws(APIProblem) -> (size: Int, before: Int?) {
        let (size, token) = try wanted(query)
        guard let token else { return (size, nil) }
        guard let number = Int(token), number > 0 else { throw noToken }
        return (size, number)
    }

    private static var noToken: APIProblem {
        .badRequest("page_token must be the next_page_token of the page before")
    }

    /// A page of elements that were found elsewhere.
    ///
    /// - Parameters:
    ///   - name: the key that the elements stand under.
    ///   - elements: the page.
    ///   - last: the key of its last element; `nil` when no page follows.
    /// - Returns: a table with the elements and `next_page_token`.
    public static func table(_ name: String, _ elements: [Tree], last: String?) -> Tree {
        var entries = [Tree.Entry(name, .list(elements))]
        if let last { entries.append(.init("next_page_token", .text(Hash.hexadecimal(Array(last.utf8))))) }
        return Tree(.table(entries))
    }

    /// Checks what asks for a page, where there may turn out to be none.
    public static func check(_ query: Query) throws(APIProblem) { _ = try of("", [], query) }

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
    public static func key(_ number: UInt64, descending: Bool = false) -> String {
        let digits = String(descending ? UInt64.max - number : number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
