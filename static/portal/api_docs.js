// Starts Swagger UI on our own description; requests tried out carry the CSRF token of the page and go nowhere else.
(() => {
  const place = document.getElementById("api-docs");
  if (!place || !window.SwaggerUIBundle) return;
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    deepLinking: false,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
    supportedSubmitMethods: ["get", "post", "patch"],
    requestInterceptor: (request) => {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
})();
