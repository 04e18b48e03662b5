/// Finds the route of a request.
struct APIRouter<Context: APIContext>: Sendable {
    /// What there is for a method and a path.
    enum Found: Sendable {
        case route(APIRoute<Context>, parameters: [String: String])
        /// The path is right and the method is not.
        case otherMethods([String])
        case nothing
    }

    /// The routes of one template.
    private struct Place: Sendable {
        let segments: [Segment]
        var routes: [APIRoute<Context>]
    }

    /// A part of a path between slashes.
    private enum Segment: Sendable, Equatable {
        case literal(String)
        /// A parameter with what follows it, such as `{id}:cancel`.
        case parameter(String, suffix: String)

        init(_ text: Substring) {
            if text.hasPrefix("{"), let end = text.firstIndex(of: "}") {
                let name = text[text.index(after: text.startIndex)..<end]
                self = .parameter(String(name), suffix: String(text[text.index(after: end)...]))
            } else {
                self = .literal(String(text))
            }
        }

        /// Literals before suffixes before mere parameters.
        var rank: Int {
            switch self {
            case .literal: 0
            case .parameter(_, let suffix): suffix.isEmpty ? 2 : 1
            }
        }
    }

    private let places: [Place]

    init(_ routes: [APIRoute<Context>]) {
        var places: [Place] = []
        for route in routes {
            let segments = Self.split(route.template).map { Segment($0) }
            if let index = places.firstIndex(where: { $0.segments == segments }) {
                places[index].routes.append(route)
            } else {
                places.append(Place(segments: segments, routes: [route]))
            }
        }
        self.places = places.sorted { left, right in
            left.segments.map(\.rank).lexicographicallyPrecedes(right.segments.map(\.rank))
        }
    }

    /// The route for a method and a path as it was sent, with its escapes: a `/` that is part of an id is
    /// written `%2F`.
    func find(_ method: String, _ path: String) -> Found {
        let parts = Self.split(path)
        guard !parts.contains(where: { $0 == "." || $0 == ".." }) else { return .nothing }
        for place in places {
            guard let parameters = Self.match(place.segments, parts) else { continue }
            let wanted = method == "HEAD" ? "GET" : method
            if let route = place.routes.first(where: { $0.method == wanted }) {
                return .route(route, parameters: parameters)
            }
            let methods = place.routes.map(\.method)
            return .otherMethods((methods.contains("GET") ? ["HEAD"] : []) + methods)
        }
        return .nothing
    }

    private static func split(_ path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func match(_ segments: [Segment], _ parts: [Substring]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .literal(let text): guard part == text else { return nil }
            case .parameter(let name, let suffix):
                guard part.hasSuffix(suffix), let value = PercentCoding.decoded(part.dropLast(suffix.count)),
                    !value.isEmpty
                else { return nil }
                parameters[name] = value
            }
        }
        return parameters
    }
}
