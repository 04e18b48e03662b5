import Engine
import Pipeline
import Settings
import Testing

/// `config/reference` says what the code says: `apus schema --directory config/reference` writes it anew.
@Suite struct ReferencePagesTests {
    @Test func `there is one page for each component, the service and the functions, and no other`() throws {
        let pages = ConfigurationDocumentation(catalog: Repository.catalog).pages.map { $0.name }
        // OTTLTests look at the page of the functions.
        let expected = (pages + ["ottl-functions.md"]).sorted()
        #expect(try Repository.files(in: "config/reference") == expected)
    }

    @Test func `every page is fresh`() throws {
        for page in ConfigurationDocumentation(catalog: Repository.catalog).pages {
            let written = try Repository.text(of: "config/reference/\(page.name)")
            #expect(
                written == page.text,
                "config/reference/\(page.name) is stale; run: apus schema --directory config/reference")
        }
    }

    @Test func `every page is valid YAML`() throws {
        for page in ConfigurationDocumentation(catalog: Repository.catalog).pages {
            #expect(throws: Never.self) {
                try Tree(yaml: page.text, source: ConfigurationSource(.file, page.name))
            }
        }
    }

    @Test func `the schema of a configuration knows every component by every name`() throws {
        let schema = ConfigurationDocumentation(catalog: Repository.catalog).schema.json()
        for kind in ComponentKind.allCases {
            for type in Repository.catalog.types(of: kind) {
                for name in [type.name] + type.aliases { #expect(schema.contains(name)) }
            }
        }
    }
}
