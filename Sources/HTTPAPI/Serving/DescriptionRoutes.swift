internal import Settings

/// The description of an API by itself.
public enum DescriptionRoutes<Context: APIContext> {
    /// The routes of a description.
    ///
    /// - Parameters:
    ///   - text: The description, in YAML.
    ///   - file: Where it is written, such as `openapi/admin.yaml`, for messages about it.
    /// - Returns: `/openapi.json` and `/openapi.yaml`, for everybody.
    public static func all(_ text: String, file: String) -> [APIRoute<Context>] {
        [
            APIRoute("getOpenAPIAsJSON", "GET", "/openapi.json", nil) { _ throws(APIProblem) in
                do throws(InvalidSettings) {
                    return .tree(try Tree(yaml: text, source: ConfigurationSource(.builtIn, file)))
                } catch {
                    throw APIProblem(500, "description", "The description cannot be read", "\(error)")
                }
            },
            APIRoute("getOpenAPIAsYAML", "GET", "/openapi.yaml", nil) { _ in
                APIReply(.text(text, type: "application/yaml"))
            },
        ]
    }
}
