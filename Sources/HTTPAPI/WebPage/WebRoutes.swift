internal import Settings
internal import Transport

/// The web page of an API.
public enum WebRoutes<Context: APIContext> {
    /// What a browser may do with the page: load what is on this server, and nothing from anywhere else; run
    /// no script that stands in a document; be shown in no other page.
    static var policy: String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// A route for each file, for everybody: the page holds nothing about its subject, and what it shows it
    /// asks the API for, with the token of whoever sits before it.
    ///
    /// - Parameter files: The page; `nil` is none, which `/` then says.
    /// - Returns: `index.html` at `/`, every other file at `/page/` and its path.
    public static func all(_ files: WebFiles?) -> [APIRoute<Context>] {
        guard let files else { return [missing] }
        return [subject]
            + files.files.map { file in
                let place = file.path == "index.html" ? "/" : "/page/\(file.path)"
                let type = WebFiles.type(of: file.path) ?? "text/plain"
                let version = Hash.short(file.text)
                return APIRoute("getPage", "GET", place, nil) { _ in
                    var reply = APIReply(.text(file.text, type: type), version: version)
                    // Asked for anew each time and answered with 304: a new program never meets an old page.
                    reply.fields = [
                        "cache-control": "no-cache", "content-security-policy": policy,
                        "referrer-policy": "no-referrer", "x-frame-options": "DENY",
                        "cross-origin-opener-policy": "same-origin",
                        "cross-origin-resource-policy": "same-origin",
                    ]
                    return reply
                }
            }
    }
    /// Tells the page, which is one for all servers, what this one is about.
    private static var subject: APIRoute<Context> {
        APIRoute("getPage", "GET", "/page/subject.json", nil) { _ in
            .tree(.table(["subject": .text(Context.wording.subject)]))
        }
    }

    private static var missing: APIRoute<Context> {
        APIRoute("getPage", "GET", "/", nil) { _ throws(APIProblem) in
            throw .notFound(
                "the files of the page are not beside the program; APUS_WEB_STATIC can say where they are, "
                    + "and /openapi.yaml describes the API")
        }
    }
}
