internal import HTTPAPI
internal import Logging
internal import Transport

/// The web page of a server that this program starts.
enum WebPage {
    /// The files of the page; `nil`, after telling why, when they cannot be used.
    static func load(_ logger: Logger) -> WebFiles? {
        guard let directory = WebFiles.find() else {
            logger.info("there is no page: its files are not beside the program (APUS_WEB_STATIC names them)")
            return nil
        }
        do throws(WebFilesError) {
            return try WebFiles(directory: directory)
        } catch {
            logger.warning("there is no page", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// What a browser on this machine is given to open the page; `nil` where no browser gets.
    static func address(_ listeners: [ListenAddress], isTLS: Bool) -> String? {
        for case .tcp(let host, let port) in listeners {
            let name = host == "0.0.0.0" || host == "::" || host.isEmpty ? "localhost" : host
            return "\(isTLS ? "https" : "http")://\(name.contains(":") ? "[\(name)]" : name):\(port)/"
        }
        return nil
    }
}
