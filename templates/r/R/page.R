# The page, as one character string.
page <- function(data, x, y) {
  line <- fit_line(data, x, y)
  said <- sprintf("%s = %.3f + %.4f × %s, from %d points, R² = %.2f",
                  y, line$intercept, line$slope, x, line$n, line$r2)
  paste(c(
    "<!doctype html>", '<html lang="en">', '<meta charset="utf-8">', "<title>@NAME@</title>",
    "<style>", "body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }",
    "circle { fill: steelblue; opacity: .6 } line { stroke: firebrick; stroke-width: 2 }", "</style>",
    "<h1>Hello from @NAME@</h1>", "<p>How long Old Faithful erupts, by how long one waited for it.</p>",
    draw_fit(data, x, y, line), paste0("<p>", escape(said), "</p>"), ""
  ), collapse = "\n")
}

# Text as HTML: nothing in it is markup.
escape <- function(text) {
  text <- gsub("&", "&amp;", text, fixed = TRUE)
  text <- gsub("<", "&lt;", text, fixed = TRUE)
  gsub(">", "&gt;", text, fixed = TRUE)
}

# Answer one request as httpuv hands it over (a Rook environment).
answer <- function(request) {
  if (!identical(request$PATH_INFO, "/")) {
    return(list(status = 404L, headers = list("Content-Type" = "text/plain"), body = "There is nothing here.\n"))
  }
  list(status = 200L, headers = list("Content-Type" = "text/html; charset=utf-8"),
       body = enc2utf8(page(datasets::faithful, "waiting", "eruptions")))
}
