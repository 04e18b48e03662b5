import Settings
import Testing

@testable import AdminAPI
@testable import HTTPAPI

@Suite struct RouterTests {
    private let router = APIRouter(AdminRoutes.all)

    private func found(_ method: String, _ path: String) -> String {
        switch router.find(method, path) {
        case .nothing: "nothing"
        case .otherMethods(let methods): methods.joined(separator: ",")
        case .route(let route, let parameters):
            ([route.id] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                .joined(separator: " ")
        }
    }

    @Test(arguments: [
        ("GET", "/v1/config", "getConfig"), ("HEAD", "/v1/config", "getConfig"),
        ("GET", "/v1/config/components/exporter/otlp%2F2", "getConfigComponent id=otlp/2 kind=exporter"),
        ("GET", "/v1/components/available", "listAvailableComponents"),
        ("GET", "/v1/components/available/x", "getComponent id=x kind=available"),
        ("POST", "/v1/operations/ab:cancel", "cancelOperation id=ab"),
        ("GET", "/v1/operations/ab:cancel", "POST"), ("GET", "/v1/operations/ab", "getOperation id=ab"),
        ("POST", "/v1/config", "HEAD,GET,PUT,PATCH"), ("OPTIONS", "/v1/build", "HEAD,GET"),
        ("GET", "/v1/config/", "nothing"), ("GET", "//v1/config", "nothing"),
        ("GET", "/v1/../v1/config", "nothing"),
        ("GET", "/v1/pipelines/%2e%2e", "getPipeline id=.."), ("GET", "/v1/pipelines/%zz", "nothing"),
        ("GET", "/v1/pipelines/%00", "nothing"), ("GET", "/v1/pipelines/%FF", "nothing"),
        ("GET", "/v1/pipelines/", "nothing"), ("GET", "*", "nothing"), ("GET", "/", "nothing"),
        ("get", "/v1/config", "HEAD,GET,PUT,PATCH"),
    ])
    func `paths lead where they should`(method: String, path: String, expected: String) {
        #expect(found(method, path) == expected)
    }

    @Test func `a page begins after the last element of the page before`() throws {
        let items = ["c", "a", "e", "b", "d"].map { (key: $0, value: Tree.text($0)) }
        let first = try Page.of("x", items, try Query("page_size=2"))
        #expect(first["x"] == .list([.text("a"), .text("b")]))
        let token = try #require(first["next_page_token"]?.text)
        let rest = items.filter { $0.key != "b" } + [(key: "bb", value: Tree.text("bb"))]
        let second = try Page.of("x", rest, try Query("page_size=2&page_token=\(token)"))
        #expect(second["x"] == .list([.text("bb"), .text("c")]))
        let last = try Page.of("x", items, try Query("page_token=\(token)"))
        #expect(last["next_page_token"] == nil)
    }

    @Test(arguments: [
        "page_size=0", "page_size=1001", "page_size=x", "page_token=abc", "page_token=zz", "a=%z",
    ])
    func `pages that cannot be are refused`(query: String) {
        #expect(throws: APIProblem.self) { try Page.of("x", [], try Query(query)) }
    }
}
