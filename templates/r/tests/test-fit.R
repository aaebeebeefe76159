# The line and its picture. Run with `make test`.
for (file in list.files("../R", full.names = TRUE)) source(file, encoding = "UTF-8")

test_that("points on a line give that line", {
  line <- fit_line(data.frame(a = 0:9, b = 3 + 2 * 0:9 + c(0.1, -0.1)), "a", "b")
  expect_equal(line$intercept, 3, tolerance = 0.02)
  expect_equal(line$slope, 2, tolerance = 0.01)
  expect_gt(line$r2, 0.99)
})

test_that("a missing value is left out", {
  line <- fit_line(data.frame(a = c(0, 1, 2, NA), b = c(0.1, 0.9, 2.1, 5)), "a", "b")
  expect_equal(line$n, 3)
})

test_that("one point is not enough", {
  expect_error(fit_line(data.frame(a = 1, b = 1), "a", "b"), "two points")
})

test_that("the picture has every point and one line, all inside it", {
  data <- data.frame(a = 1:5, b = c(2, 4, 5, 4, 5))
  picture <- draw_fit(data, "a", "b", fit_line(data, "a", "b"), width = 100, height = 50)
  expect_length(grep("<circle", picture), 5)
  expect_length(grep("<line", picture), 1)
  across <- as.numeric(sub('.*cx="([0-9.]+)".*', "\\1", grep("<circle", picture, value = TRUE)))
  expect_equal(range(across), c(10, 90))
})
