# The page as httpuv hands it out. Run with `make test`.
for (file in list.files("../R", full.names = TRUE)) source(file, encoding = "UTF-8")

test_that("the page shows the fit", {
  got <- answer(list(PATH_INFO = "/"))
  expect_equal(got$status, 200L)
  expect_match(got$body, "Hello from @NAME@", fixed = TRUE)
  expect_match(got$body, "272 points", fixed = TRUE)
  expect_match(got$body, "<svg", fixed = TRUE)
})

test_that("other paths are not found", {
  expect_equal(answer(list(PATH_INFO = "/nothing"))$status, 404L)
})

test_that("text is never markup", {
  expect_equal(escape("<b> & </b>"), "&lt;b&gt; &amp; &lt;/b&gt;")
})

test_that("httpuv serves it", {
  server <- httpuv::startServer("127.0.0.1", httpuv::randomPort(), list(call = answer))
  withr::defer(server$stop())
  got <- NULL
  # one R process is server and client: ask without waiting, serve, then read
  client <- socketConnection("127.0.0.1", server$getPort(), open = "r+", blocking = FALSE, timeout = 10)
  withr::defer(close(client))
  writeLines(c("GET / HTTP/1.0", "", ""), client, sep = "\r\n")
  while (length(got) == 0) {
    httpuv::service(100)
    got <- readLines(client, 1)
  }
  expect_match(got, "200 OK")
})
