import HTTPAPI
import Settings
import Testing

@Suite struct PageTests {
    @Test func `a page that was found elsewhere names its last element`() throws {
        let page = Page.table("agents", [.text("a"), .text("b")], last: "b ö")
        let token = try #require(page["next_page_token"]?.text)
        let wanted = try Page.wanted(try Query("page_size=7&page_token=\(token)"))
        #expect(wanted.size == 7)
        #expect(wanted.after == "b ö")
        #expect(Page.table("agents", [], last: nil)["next_page_token"] == nil)
    }

    @Test(arguments: ["page_size=0", "page_size=1001", "page_token=abc", "page_token=zz", "page_token=ff"])
    func `pages that cannot be are refused`(query: String) {
        #expect(throws: APIProblem.self) { try Page.wanted(try Query(query)) }
    }
}
