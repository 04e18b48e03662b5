internal import Glibc

extension WebFiles {
    /// Where the page of this program may be, the first that exists being it: where `APUS_WEB_STATIC` says;
    /// `share/apus/web-static` beside the `bin` that the program is in, where `make install` puts it; in the
    /// checkout that the program was built in.
    ///
    /// - Returns: A directory; `nil` when there is none, and the program works without a page.
    public static func find() -> String? {
        if let named = getenv("APUS_WEB_STATIC") {
            let directory = String(cString: named)
            return directory.isEmpty ? nil : directory
        }
        guard let program = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(program) }
        var directory = parent(of: String(cString: program))
        let installed = "\(parent(of: directory))/share/apus/web-static"
        if access("\(installed)/index.html", R_OK) == 0 { return installed }
        // `.build/<triple>/<configuration>` is three below the checkout.
        for _ in 0..<4 {
            directory = parent(of: directory)
            let page = "\(directory)/web-static"
            if access("\(directory)/Package.swift", R_OK) == 0, access("\(page)/index.html", R_OK) == 0 {
                return page
            }
        }
        return nil
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
